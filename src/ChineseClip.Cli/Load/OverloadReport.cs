using ChineseClip.Cli.Bench;

namespace ChineseClip.Cli.Load;

/// <summary>How a server fared under several times its peak.</summary>
internal sealed record OverloadReport
{
    public required double Factor { get; init; }

    /// <summary>The most good answers a second it gave in any step of looking for it.</summary>
    public required double PeakPerSecond { get; init; }

    public required double GoodputShareOfPeak { get; init; }

    /// <summary>The peak of closed loops once more at the end: where it differs from the first, the machine's speed has changed meanwhile.</summary>
    public required double PeakAfterPerSecond { get; init; }

    /// <summary>The same for each second of the server's processor time, at its best step; for a machine that has other things to do.</summary>
    public double? GoodputShareOfPeakPerServerCpuSecond =>
        Peak.Max(step => step.GoodputPerServerCpuSecond) is { } best ? Math.Round((Overload.GoodputPerServerCpuSecond ?? 0) / best, 4) : null;

    /// <summary>Whole seconds after the end of the overload until p99 is normal for good; null: not within the watch.</summary>
    public required double? RecoverySeconds { get; init; }

    public required int Seed { get; init; }

    public required string Mix { get; init; }

    public required DateTimeOffset At { get; init; }

    public required MachineLoad Machine { get; init; }

    /// <summary>The core this process was bound to; null when to none.</summary>
    public required int? GeneratorCore { get; init; }

    /// <summary>Processors that the server may use.</summary>
    public required int ServerProcessors { get; init; }

    /// <summary>Requests the server worked on a second after the end; none is to be left.</summary>
    public required int ActiveRequestsAfter { get; init; }

    /// <summary>The server's working set, from its <c>/metrics</c>; 0 when it does not say.</summary>
    public required long MemoryBytesBefore { get; init; }

    public required long MemoryBytesLargest { get; init; }

    public required long MemoryBytesAfter { get; init; }

    public required IReadOnlyList<LoadSummary> Peak { get; init; }

    public required LoadSummary Before { get; init; }

    public required LoadSummary Overload { get; init; }

    public required LoadSummary After { get; init; }
}
