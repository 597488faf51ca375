namespace ChineseClip.Contracts;

/// <summary>State of one shard.</summary>
public sealed record ShardDescription
{
    /// <summary>Collection the shard belongs to.</summary>
    public required string Collection { get; init; }

    /// <summary>Number of the shard in its collection, from 0.</summary>
    public required int Ordinal { get; init; }

    /// <summary>
    /// <c>ready</c>, <c>loading</c>, <c>unavailable</c>, or <c>rebuilding</c>: it answers, but compares the vectors one by one that are
    /// not in its graph yet.
    /// </summary>
    public required string Status { get; init; }

    /// <summary>Live items; absent when the shard did not answer.</summary>
    public long? ItemCount { get; init; }

    /// <summary>Vectors that are not in the graph yet, while it is rebuilding.</summary>
    public long? UnlinkedCount { get; init; }

    /// <summary>Silo that hosts the shard.</summary>
    public string? Silo { get; init; }

    /// <summary>Lease epoch: rises each time the shard is taken over.</summary>
    public long? Epoch { get; init; }

    /// <summary>Log sequence number of the last applied write.</summary>
    public long? Lsn { get; init; }

    /// <summary>Log sequence number that the newest snapshot holds; absent without one.</summary>
    public long? SnapshotLsn { get; init; }

    /// <summary>When the newest snapshot was taken (UTC).</summary>
    public DateTimeOffset? SnapshotAt { get; init; }

    /// <summary>Memory of the vector index.</summary>
    public long? IndexBytes { get; init; }

    /// <summary>Its readers; absent without any.</summary>
    public IReadOnlyList<ReplicaDescription>? Replicas { get; init; }

    /// <summary>What it has learned from text queries; absent while it has not begun to.</summary>
    public LearningDescription? Learning { get; init; }

    /// <summary>What is wrong, when something is.</summary>
    public string? Detail { get; init; }
}
