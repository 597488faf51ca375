using System.Globalization;
using ChineseClip.Vectors;

namespace ChineseClip.Cli.Bench;

/// <summary><c>bench index</c>: builds, learns, filters and measures as the settings say.</summary>
internal sealed class BenchIndexRun(BenchIndexSettings settings, BenchWorkload workload, TextWriter log)
{
    private const int FilterSeed = 7;
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(0.5);

    public BenchIndexOutcome Run()
    {
        MachineWatch watch = new();
        log.WriteLine($"building on {settings.Threads} threads");
        using MeasuredIndex index = new(settings.ToParameters(workload.Vectors.Dimension), workload.Vectors, settings.Threads);
        log.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"built in {index.Build.WallSeconds:0.0} s, {index.Index.MemoryBytes / 1e6:0} MB; measuring"));
        (CurvePoint[] curve, CurvePoint[]? textCurve) = Curves(index, workload.Queries, workload.Texts);
        BenchLearning? learning = null;
        Duration learnTime = default;
        if (workload.Training is { } training)
        {
            log.WriteLine($"learning from {training.Count} queries");
            int edges = 0;
            learnTime = Duration.Of(() => edges = index.Learn(training, new LearningParameters()));
            learning = new BenchLearning(training.Count, edges, learnTime.CpuSeconds, curve, textCurve);
            (curve, textCurve) = Curves(index, workload.Queries, workload.Texts);
        }
        BenchFilter? filter = null;
        if (settings.FilterSelectivity is { } selectivity)
        {
            OrdinalSet rows = RandomRows(selectivity);
            OrdinalSet ordinals = index.OrdinalsOf(rows);
            log.WriteLine($"measuring with a filter that {rows.Count} vectors match");
            filter = new BenchFilter(selectivity, rows.Count, ExactSpeed(index, ordinals), curve, textCurve);
            (curve, textCurve) = Curves(
                index, Filtered(workload.Queries, rows), workload.Texts is { } texts ? Filtered(texts, rows) : null, ordinals);
        }
        return new BenchIndexOutcome(
            index.Build, index.Index.MemoryBytes, curve, learnTime.WallSeconds, textCurve, learning, filter, Describe(index), watch.Stop());
    }

    private (CurvePoint[] Curve, CurvePoint[]? TextCurve) Curves(
        MeasuredIndex index, QuerySet queries, QuerySet? texts, OrdinalSet? filter = null)
    {
        index.WarmUp(queries, settings.K, WarmUpTime, filter);
        return (Curve(index, queries, filter), texts is null ? null : Curve(index, texts, filter));
    }

    private CurvePoint[] Curve(MeasuredIndex index, QuerySet queries, OrdinalSet? filter) => Array.ConvertAll(settings.Ef, ef =>
    {
        CurvePoint best = index.Search(queries, ef, settings.K, filter);
        for (int repeat = 1; repeat < settings.Repeats; repeat++)
        {
            best = best.BetterOf(index.Search(queries, ef, settings.K, filter));
        }
        return best;
    });

    private OrdinalSet RandomRows(double share)
    {
        Random random = new(FilterSeed);
        return new OrdinalSet(Enumerable.Range(0, workload.Vectors.Count).Where(_ => random.NextDouble() < share));
    }

    private QuerySet Filtered(QuerySet queries, OrdinalSet rows) =>
        new(queries.Vectors, ExactNeighbors.Find(workload.Vectors, queries.Vectors, settings.K, rows));

    private double ExactSpeed(MeasuredIndex index, OrdinalSet ordinals)
    {
        int count = Math.Min(workload.Queries.Vectors.Count, 50);
        ScoredOrdinal[] hits = new ScoredOrdinal[settings.K];
        double start = CpuClock.Seconds;
        for (int q = 0; q < count; q++)
        {
            index.Index.SearchExact(workload.Queries.Vectors[q], hits, ordinals);
        }
        return count / (CpuClock.Seconds - start);
    }

    private BenchDescription Describe(MeasuredIndex index) => new(
        settings.BaseFile, settings.BaseFile is null ? settings.Seed : null, workload.Vectors.Count, workload.Vectors.Dimension,
        workload.Queries.Vectors.Count, settings.K, settings.M, settings.EfConstruction, QuantizationName.Of(settings.Quantization),
        settings.Threads, settings.Repeats, Math.Round((double)index.Index.MemoryBytes / workload.Vectors.Count, 1));
}
