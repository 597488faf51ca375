using System.Diagnostics;
using System.Globalization;
using ChineseClip.Cli.Bench;

namespace ChineseClip.Cli.Load;

/// <summary>Finds what a server can do, gives it several times that, and looks how it fares and how soon it is itself again.</summary>
internal sealed class OverloadRun(OpenLoop loop, ServerGauges server, Action<string> progress)
{
    /// <summary>The load before and after, as a share of the peak.</summary>
    private const double NormalShare = 0.5;

    /// <summary>A second counts as normal when its p99 is at most this many times that of before, or this much more.</summary>
    private const double NormalFactor = 2;

    /// <summary>The rate rises by this factor as long as goodput rises by so much.</summary>
    private const double RateStep = 1.1;
    private const double WorthwhileRise = 1.02;
    private const int MostSteps = 6;

    /// <summary>The warm-up goes on until so many steps in a row have not been better than the best before them.</summary>
    private const int StepsWithoutRise = 3;
    private const int MostWarmUpSteps = 20;
    private static readonly TimeSpan NormalSlack = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPeakStep = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestNormal = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestRecovery = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    private static readonly int[] ClosedConnections = [16, 64];

    public async Task<OverloadReport> RunAsync(OverloadSettings settings, CancellationToken cancellationToken)
    {
        (double factor, TimeSpan duration, int seed) = (settings.Factor, settings.Duration, settings.Seed);
        MachineWatch watch = new();

        // Step 1: warm up, and find the peak.
        List<LoadSummary> steps = await FindPeakAsync(Part(duration, LongestPeakStep), seed, cancellationToken);
        double peak = Math.Max(1, steps.Max(step => step.GoodputPerSecond));
        Say($"peak {peak:0} good answers/s");

        // Step 2: the ordinary load, for comparison.
        LoadSummary before = await MeasureAsync(NormalShare * peak, Part(duration, LongestNormal), seed + 3, cancellationToken);
        ServerSample calm = await server.ReadAsync(cancellationToken);
        Say($"at {NormalShare:0%} of it p99 {before.LatencyMs.P99:0.0} ms");

        // Step 3: too much.
        using CancellationTokenSource watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<long> largest = server.WatchMemoryAsync(watching.Token);
        LoadSummary overload = await MeasureAsync(factor * peak, duration, seed + 4, cancellationToken);
        await watching.CancelAsync();
        Say($"at {factor:0.#} times it {overload.GoodputPerSecond:0} good answers/s, p99 {overload.LatencyMs.P99:0.0} ms");
        if (overload.Generator.IsBehind)
        {
            Say($"THE GENERATOR FELL BEHIND: {overload.Generator.LagP99Ms:0} ms late; give it a core of its own (--core) or another machine");
        }

        // Step 4: the ordinary load again, at once; then none.
        TimeSpan watched = Part(duration, LongestRecovery);
        LoadResult after = await loop.RunAsync(NormalShare * peak, watched, seed + 5, cancellationToken);
        await Task.Delay(Rest, cancellationToken);
        ServerSample end = await server.ReadAsync(cancellationToken);

        // Step 5: the peak once more, to see whether the machine is still as fast as it was.
        List<LoadSummary> again = await MeasureClosedAsync(Part(duration, LongestPeakStep), seed + 6, cancellationToken);
        double peakAfter = again.Max(step => step.GoodputPerSecond);
        Say($"peak afterwards {peakAfter:0} good answers/s");
        return new OverloadReport
        {
            At = DateTimeOffset.UtcNow,
            Machine = watch.Stop(),
            Seed = seed,
            Mix = settings.Mix,
            GeneratorCore = settings.GeneratorCore,
            ServerProcessors = end.Processors,
            Factor = factor,
            PeakPerSecond = peak,
            PeakAfterPerSecond = peakAfter,
            GoodputShareOfPeak = Math.Round(overload.GoodputPerSecond / peak, 4),
            RecoverySeconds = RecoverySeconds(after.Outcomes, before.LatencyMs.P99),
            ActiveRequestsAfter = end.ActiveRequests,
            Peak = steps,
            Before = before,
            Overload = overload,
            After = LoadSummary.Of(after, watched),
            MemoryBytesBefore = calm.WorkingSetBytes,
            MemoryBytesLargest = await largest,
            MemoryBytesAfter = end.WorkingSetBytes,
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

    /// <summary>Closed loops first, then open ones whose rate rises until the good answers do not: the best of all is the peak.</summary>
    private async Task<List<LoadSummary>> FindPeakAsync(TimeSpan duration, int seed, CancellationToken cancellationToken)
    {
        await WarmUpAsync(duration, seed, cancellationToken);
        List<LoadSummary> steps = await MeasureClosedAsync(duration, seed + 1, cancellationToken);
        double best = Math.Max(1, steps.Max(step => step.GoodputPerSecond));
        double rate = best;
        for (int step = 0; step < MostSteps; step++, rate *= RateStep)
        {
            LoadSummary open = await MeasureAsync(rate, duration, seed + 2, cancellationToken);
            steps.Add(open);
            if (step > 0 && open.GoodputPerSecond < WorthwhileRise * best)
            {
                break;
            }

            best = Math.Max(best, open.GoodputPerSecond);
        }

        return steps;
    }

    private async Task<List<LoadSummary>> MeasureClosedAsync(TimeSpan duration, int seed, CancellationToken cancellationToken)
    {
        List<LoadSummary> steps = [];
        foreach (int connections in ClosedConnections)
        {
            steps.Add(await MeasureAsync(
                () => loop.RunClosedAsync(connections, duration, seed, cancellationToken), duration, cancellationToken));
        }

        return steps;
    }

    /// <summary>
    /// A server that has just started compiles its code anew while it runs, and holds fewer items than it will when the load writes some:
    /// its peak is looked for when it does not become faster any more.
    /// </summary>
    private async Task WarmUpAsync(TimeSpan duration, int seed, CancellationToken cancellationToken)
    {
        double best = 0;
        int withoutRise = 0;
        for (int step = 0; step < MostWarmUpSteps && withoutRise < StepsWithoutRise; step++)
        {
            LoadResult result = await loop.RunClosedAsync(ClosedConnections[0], duration, seed + step, cancellationToken);
            double goodput = result.Outcomes.Count(outcome => outcome.IsGood) / duration.TotalSeconds;
            withoutRise = goodput > WorthwhileRise * best ? 0 : withoutRise + 1;
            best = Math.Max(best, goodput);
        }

        Say($"warm at {best:0} good answers/s");
    }

    /// <summary>Of a short overload the other steps are short, too: a quarter of it, but a second.</summary>
    private static TimeSpan Part(TimeSpan duration, TimeSpan longest) =>
        TimeSpan.FromSeconds(Math.Clamp(duration.TotalSeconds / 4, 1, longest.TotalSeconds));

    private Task<LoadSummary> MeasureAsync(double rate, TimeSpan duration, int seed, CancellationToken cancellationToken) =>
        MeasureAsync(() => loop.RunAsync(rate, duration, seed, cancellationToken), duration, cancellationToken);

    private async Task<LoadSummary> MeasureAsync(
        Func<Task<LoadResult>> run, TimeSpan duration, CancellationToken cancellationToken)
    {
        double cpuSeconds = (await server.ReadAsync(cancellationToken)).CpuSeconds;
        long start = Stopwatch.GetTimestamp();
        LoadResult result = await run();
        double used = (await server.ReadAsync(cancellationToken)).CpuSeconds - cpuSeconds;
        return LoadSummary.Of(result, duration) with { ServerCores = Math.Round(used / Stopwatch.GetElapsedTime(start).TotalSeconds, 3) };
    }

    private void Say(FormattableString line) => progress(line.ToString(CultureInfo.InvariantCulture));
}
