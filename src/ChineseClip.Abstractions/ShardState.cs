namespace ChineseClip.Abstractions;

/// <summary>How one shard stands.</summary>
[GenerateSerializer, Alias("cc.ShardState"), Immutable]
public sealed record ShardState
{
    /// <summary>The collection it belongs to.</summary>
    [Id(0)]
    public required string Collection { get; init; }

    /// <summary>Its place, from 0.</summary>
    [Id(1)]
    public required int Ordinal { get; init; }

    /// <summary>Whether it answers.</summary>
    [Id(2)]
    public required ShardStatus Status { get; init; }

    /// <summary>Live items.</summary>
    [Id(3)]
    public long ItemCount { get; init; }

    /// <summary>The lease under which it writes; grows with every activation.</summary>
    [Id(4)]
    public long Epoch { get; init; }

    /// <summary>The log sequence number of its newest record.</summary>
    [Id(5)]
    public long Lsn { get; init; }

    /// <summary>Bytes its index holds.</summary>
    [Id(6)]
    public long MemoryBytes { get; init; }

    /// <summary>The address of the silo it runs on.</summary>
    [Id(7)]
    public string? Silo { get; init; }

    /// <summary>Searches waiting for a place on a processor.</summary>
    [Id(8)]
    public int QueuedSearches { get; init; }

    /// <summary>Why it does not answer, when it does not.</summary>
    [Id(9)]
    public string? Error { get; init; }

    /// <summary>Vectors that are not in the graph yet and are compared one by one.</summary>
    [Id(10)]
    public long UnlinkedCount { get; init; }

    /// <summary>The newest record that the newest snapshot holds; null without a snapshot.</summary>
    [Id(11)]
    public long? SnapshotLsn { get; init; }

    /// <summary>When the newest snapshot was taken; null without one.</summary>
    [Id(12)]
    public DateTimeOffset? SnapshotAt { get; init; }

    /// <summary>What it has learned; null while it has not begun to.</summary>
    [Id(13)]
    public LearningState? Learning { get; init; }

    /// <summary>0 for the primary; 1 and more for its readers.</summary>
    [Id(14)]
    public int Replica { get; init; }

    /// <summary>How old what a reader knows may be; null for a primary.</summary>
    [Id(15)]
    public TimeSpan? Lag { get; init; }
}
