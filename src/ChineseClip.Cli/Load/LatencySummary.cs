namespace ChineseClip.Cli.Load;

/// <summary>Percentiles in milliseconds (nearest rank); 0 where there is nothing.</summary>
internal sealed record LatencySummary(int Count, double P50, double P90, double P99, double P999, double Max)
{
    public static LatencySummary Of(IEnumerable<LoadOutcome> outcomes)
    {
        double[] sorted = Sorted(outcomes.Select(outcome => outcome.Latency));
        return new LatencySummary(sorted.Length, At(sorted, 0.5), At(sorted, 0.9), At(sorted, 0.99), At(sorted, 0.999), At(sorted, 1));
    }

    public static double Percentile(IEnumerable<TimeSpan> times, double share) => At(Sorted(times), share);

    private static double[] Sorted(IEnumerable<TimeSpan> times) => [.. times.Select(time => time.TotalMilliseconds).Order()];

    private static double At(double[] sorted, double share) => sorted.Length == 0
        ? 0
        : Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)], 3);
}
