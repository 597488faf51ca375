namespace ChineseClip.Cli.Load;

/// <summary>Percentiles in milliseconds (nearest rank); 0 where there is nothing.</summary>
internal sealed record LatencySummary(int Count, double P50, double P90, double P99, double P999, double Max)
{
    public static LatencySummary Of(IEnumerable<LoadOutcome> outcomes)
    {
        double[] sorted = [.. outcomes.Select(outcome => outcome.Latency.TotalMilliseconds).Order()];
        return new LatencySummary(sorted.Length, At(0.5), At(0.9), At(0.99), At(0.999), At(1));

        double At(double share) => sorted.Length == 0
            ? 0
            : Math.Round(sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)], 3);
    }
}
