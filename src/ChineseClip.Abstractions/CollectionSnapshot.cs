namespace ChineseClip.Abstractions;

/// <summary>A snapshot of a collection: one of each shard, each at a point in time of its own.</summary>
[GenerateSerializer, Alias("cc.CollectionSnapshot"), Immutable]
public sealed record CollectionSnapshot
{
    /// <summary>Its name: letters, digits, '-'.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>The collection as it was then.</summary>
    [Id(1)]
    public required CollectionDefinition Definition { get; init; }

    /// <summary>When it was taken.</summary>
    [Id(2)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The snapshots of its shards, by ordinal; none while it is being taken.</summary>
    [Id(3)]
    public required ShardSnapshot[] Shards { get; init; }
}
