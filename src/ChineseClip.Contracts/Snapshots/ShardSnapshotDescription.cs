namespace ChineseClip.Contracts;

/// <summary>The part of a collection's snapshot that is one shard.</summary>
public sealed record ShardSnapshotDescription
{
    /// <summary>Number of the shard in its collection, from 0.</summary>
    public required int Ordinal { get; init; }

    /// <summary>It holds every write up to this log sequence number.</summary>
    public required long Lsn { get; init; }

    /// <summary>Its items.</summary>
    public required long ItemCount { get; init; }

    /// <summary>Length of its files.</summary>
    public required long Bytes { get; init; }
}
