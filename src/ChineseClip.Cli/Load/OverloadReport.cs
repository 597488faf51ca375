namespace ChineseClip.Cli.Load;

/// <summary>How a server fared under several times its peak.</summary>
internal sealed record OverloadReport
{
    public required double Factor { get; init; }

    /// <summary>The most good answers a second it gave in any step of looking for it.</summary>
    public required double PeakPerSecond { get; init; }

    public required double GoodputShareOfPeak { get; init; }

    /// <summary>Whole seconds after the end of the overload until p99 is normal for good; null: not within the watch.</summary>
    public required double? RecoverySeconds { get; init; }

    /// <summary>The server's working set, from its <c>/metrics</c>; 0 when it does not say.</summary>
    public required long MemoryBytesBefore { get; init; }

    public required long MemoryBytesLargest { get; init; }

    public required long MemoryBytesAfter { get; init; }

    public required IReadOnlyList<LoadSummary> Peak { get; init; }

    public required LoadSummary Before { get; init; }

    public required LoadSummary Overload { get; init; }

    public required LoadSummary After { get; init; }
}
