using System.Globalization;

namespace ChineseClip.Cli.Load;

/// <summary>Finds what a server can do, gives it several times that, and looks how it fares and how soon it is itself again.</summary>
internal sealed class OverloadRun(OpenLoop loop, ServerMemory memory, Action<string> progress)
{
    /// <summary>The load before and after, as a share of the peak.</summary>
    private const double NormalShare = 0.5;

    /// <summary>A second counts as normal when its p99 is at most this many times that of before, or this much more.</summary>
    private const double NormalFactor = 2;
    private static readonly TimeSpan NormalSlack = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PeakStep = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan NormalDuration = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RecoveryDuration = TimeSpan.FromSeconds(15);
    private static readonly double[] PeakRates = [1, 1.25];

    public async Task<OverloadReport> RunAsync(double factor, TimeSpan duration, int seed, CancellationToken cancellationToken)
    {
        // Step 1: warm up, then the peak: the best of a closed loop and of open loops around its throughput.
        await loop.RunClosedAsync(PeakStep, seed, cancellationToken);
        List<LoadSummary> steps = [LoadSummary.Of(await loop.RunClosedAsync(PeakStep, seed + 1, cancellationToken), PeakStep)];
        double closed = Math.Max(1, steps[0].GoodputPerSecond);
        foreach (double share in PeakRates)
        {
            steps.Add(await MeasureAsync(share * closed, PeakStep, seed + 2, cancellationToken));
        }

        double peak = Math.Max(1, steps.Max(step => step.GoodputPerSecond));
        Say($"peak {peak:0} good answers/s");

        // Step 2: the ordinary load, for comparison.
        LoadSummary before = await MeasureAsync(NormalShare * peak, NormalDuration, seed + 3, cancellationToken);
        long memoryBefore = await memory.ReadAsync(cancellationToken);
        Say($"at {NormalShare:0%} of it p99 {before.LatencyMs.P99:0.0} ms");

        // Step 3: too much.
        using CancellationTokenSource watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<long> largest = memory.WatchAsync(watching.Token);
        LoadSummary overload = await MeasureAsync(factor * peak, duration, seed + 4, cancellationToken);
        await watching.CancelAsync();
        Say($"at {factor:0.#} times it {overload.GoodputPerSecond:0} good answers/s, p99 {overload.LatencyMs.P99:0.0} ms");

        // Step 4: the ordinary load again, at once.
        LoadOutcome[] after = await loop.RunAsync(NormalShare * peak, RecoveryDuration, seed + 5, cancellationToken);
        return new OverloadReport
        {
            Factor = factor,
            PeakPerSecond = peak,
            GoodputShareOfPeak = Math.Round(overload.GoodputPerSecond / peak, 4),
            RecoverySeconds = RecoverySeconds(after, before.LatencyMs.P99),
            Peak = steps,
            Before = before,
            Overload = overload,
            After = LoadSummary.Of(after, RecoveryDuration),
            MemoryBytesBefore = memoryBefore,
            MemoryBytesLargest = await largest,
            MemoryBytesAfter = await memory.ReadAsync(cancellationToken),
        };
    }

    /// <summary>How long until every later second was normal; null when the last one was not.</summary>
    internal static double? RecoverySeconds(IReadOnlyList<LoadOutcome> outcomes, double normalP99)
    {
        double bound = Math.Max(NormalFactor * normalP99, normalP99 + NormalSlack.TotalMilliseconds);
        int seconds = (int)Math.Ceiling(outcomes.Max(outcome => outcome.Due).TotalSeconds);
        int recovered = 0;
        for (int second = 0; second < seconds; second++)
        {
            LoadOutcome[] due = [.. outcomes.Where(outcome => (int)outcome.Due.TotalSeconds == second)];
            bool isNormal = due.Length == 0 || (due.All(outcome => outcome.IsGood) && LatencySummary.Of(due).P99 <= bound);
            recovered = isNormal ? recovered : second + 1;
        }

        return recovered < seconds ? recovered : null;
    }

    private async Task<LoadSummary> MeasureAsync(double rate, TimeSpan duration, int seed, CancellationToken cancellationToken) =>
        LoadSummary.Of(await loop.RunAsync(rate, duration, seed, cancellationToken), duration);

    private void Say(FormattableString line) => progress(line.ToString(CultureInfo.InvariantCulture));
}
