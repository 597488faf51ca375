namespace ChineseClip.Abstractions;

/// <summary>A collection as it stands: its definition and the state of its shards.</summary>
[GenerateSerializer, Alias("cc.CollectionDescription"), Immutable]
public sealed record CollectionDescription
{
    /// <summary>What it is.</summary>
    [Id(0)]
    public required CollectionDefinition Definition { get; init; }

    /// <summary>Whether all, some or none of it can be searched.</summary>
    [Id(1)]
    public required CollectionStatus Status { get; init; }

    /// <summary>Items in the shards that answered.</summary>
    [Id(2)]
    public required long ItemCount { get; init; }

    /// <summary>One entry a shard, by ordinal.</summary>
    [Id(3)]
    public required ShardState[] Shards { get; init; }

    /// <summary>Its other names.</summary>
    [Id(4)]
    public string[] Aliases { get; init; } = [];

    /// <summary>The shards' readers, by ordinal and replica.</summary>
    [Id(5)]
    public ShardState[] Readers { get; init; } = [];

    /// <summary>Its creation has not been answered yet: shards that load are nothing that was there before.</summary>
    [Id(6)]
    public bool IsBeingCreated { get; init; }
}
