namespace ChineseClip.Storage.Files;

/// <summary>Where and how <see cref="FileShardStorage"/> keeps its files.</summary>
public sealed record FileStorageOptions
{
    /// <summary>The root directory; created when absent; held by one process at a time.</summary>
    public required string Directory { get; init; }

    /// <summary>Where the snapshots lie, for example on a shared volume; belongs to this storage alone; default <c>snapshots</c> below Directory.</summary>
    public string? SnapshotDirectory { get; init; }

    /// <summary>A segment that has reached this size is closed and the next one begun, in bytes; 4 KiB to 1 GiB; default 64 MiB.</summary>
    public long SegmentBytes { get; init; } = 64L << 20;

    /// <summary>The longest body of a record, in bytes; 1 to 256 MiB; default 16 MiB.</summary>
    public int MaxRecordBytes { get; init; } = 16 << 20;

    /// <summary>How much may wait for the disk per log, in bytes, before appends are refused as Overloaded; at least MaxRecordBytes; default 64 MiB.</summary>
    public long MaxPendingBytes { get; init; } = 64L << 20;
}
