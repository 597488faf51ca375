namespace ChineseClip.Abstractions;

/// <summary>A snapshot of one shard.</summary>
[GenerateSerializer, Alias("cc.ShardSnapshot"), Immutable]
public sealed record ShardSnapshot
{
    /// <summary>The shard.</summary>
    [Id(0)]
    public required int Ordinal { get; init; }

    /// <summary>Its name in the storage.</summary>
    [Id(1)]
    public required string Id { get; init; }

    /// <summary>It holds every record up to this one.</summary>
    [Id(2)]
    public required long Lsn { get; init; }

    /// <summary>The lease under which it was taken.</summary>
    [Id(3)]
    public required long Epoch { get; init; }

    /// <summary>The sum of its files' lengths.</summary>
    [Id(4)]
    public required long Bytes { get; init; }

    /// <summary>Live items.</summary>
    [Id(5)]
    public required long ItemCount { get; init; }
}
