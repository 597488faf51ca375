namespace ChineseClip.Cli.Load;

/// <summary>What a load cost the one who made it, and whether it was made as it should be.</summary>
internal sealed record GeneratorEffort
{
    private const double TolerableLagMs = 50;

    /// <summary>Processor time of this process, in cores.</summary>
    public required double Cores { get; init; }

    public required double CpuMicrosecondsPerRequest { get; init; }

    public required int ConnectionsOpened { get; init; }

    /// <summary>Requests that found no free connection in half of their time and were not sent; they count as timed out.</summary>
    public required int NotSent { get; init; }

    /// <summary>How much later than due requests went out that found a connection at once (99 of 100 less than this).</summary>
    public required double LagP99Ms { get; init; }

    /// <summary>It could not keep its own schedule: then latencies are its own, too.</summary>
    public bool IsBehind => LagP99Ms > TolerableLagMs;

    public static GeneratorEffort Of(IReadOnlyCollection<LoadOutcome> outcomes, TimeSpan wall, double cpuSeconds, int connectionsOpened) => new()
    {
        Cores = Math.Round(cpuSeconds / wall.TotalSeconds, 3),
        CpuMicrosecondsPerRequest = Math.Round(cpuSeconds * 1e6 / Math.Max(1, outcomes.Count), 1),
        ConnectionsOpened = connectionsOpened,
        NotSent = outcomes.Count(outcome => !outcome.WasSent),
        LagP99Ms = LatencySummary.Percentile(outcomes.Select(outcome => outcome.Lag).OfType<TimeSpan>(), 0.99),
    };
}
