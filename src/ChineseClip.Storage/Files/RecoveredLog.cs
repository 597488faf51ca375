namespace ChineseClip.Storage.Files;

/// <summary>What <see cref="LogRecovery"/> found, ready for appending.</summary>
internal sealed record RecoveredLog
{
    /// <summary>Oldest first, at least one.</summary>
    public required IReadOnlyList<Segment> Segments { get; init; }

    /// <summary>The last segment, open for writing.</summary>
    public required IStorageFile ActiveFile { get; init; }

    /// <summary>Open, at <see cref="LastLsn"/>.</summary>
    public required Watermark Watermark { get; init; }

    /// <summary>Where the next record goes.</summary>
    public required long ActiveEnd { get; init; }

    public required long LastLsn { get; init; }

    /// <summary>What the next record is chained to.</summary>
    public required ulong Chain { get; init; }

    public required ulong LogId { get; init; }
}
