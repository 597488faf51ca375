using System.Globalization;
using ChineseClip.Vectors;

namespace ChineseClip.Benchmarks.Index;

/// <summary>Recall and speed of the index on the generated workload, beside hnswlib in the same run.</summary>
internal static class IndexBenchmark
{
    public static int Run(ReadOnlySpan<string> args)
    {
        IndexBenchmarkOptions options = IndexBenchmarkOptions.Parse(args);
        BenchmarkData.Use(options, data =>
        {
            List<EngineResult> engines = [MeasureOurs(options, data)];
            if (options.Peers && HnswlibPeer.TryMeasure(options, data.Directory) is { } peer)
            {
                engines.Add(peer);
            }
            IndexReport report = IndexReport.Create(options, engines);
            report.Print(Console.Error);
            if (options.Out.Length > 0)
            {
                File.WriteAllText(options.Out, report.ToJson());
            }
            else
            {
                Console.WriteLine(report.ToJson());
            }
        });
        return 0;
    }

    private static EngineResult MeasureOurs(IndexBenchmarkOptions options, BenchmarkData data)
    {
        using HnswIndex index = new(options.ToParameters());
        double start = CpuClock.Seconds;
        foreach (float[] vector in data.Base)
        {
            index.Add(vector);
        }
        double build = CpuClock.Seconds - start;
        Curve(options with { Ef = [64, 64] }, index, data.Queries["picture"], data.Truth["picture"]);    // warms up
        Dictionary<string, CurvePoint[]> curves = Curves(options, index, data, "");
        start = CpuClock.Seconds;
        int edges = 0;
        LearningParameters learning = new() { NeighborCount = options.LearnNeighbors, Ef = options.LearnEf };
        foreach (float[] query in data.Training)
        {
            edges += index.Learn(query, learning);
        }
        double learn = CpuClock.Seconds - start;
        if (data.Training.Length > 0)
        {
            Console.Error.WriteLine($"learned {edges} edges from {data.Training.Length} texts");
            foreach ((string kind, CurvePoint[] curve) in Curves(options, index, data, ", learned"))
            {
                curves.Add(kind, curve);
            }
        }
        foreach (double share in options.FilterSelectivity)
        {
            AddFilteredCurves(options, index, data, share, curves);
        }
        long bytes = index.MemoryBytes;
        if (options.Churn > 0)
        {
            Churn(options, index, data, curves);
        }
        return new EngineResult($"ChineseClip {options.Quantization}", build, learn, bytes, curves);
    }

    private static void Churn(
        IndexBenchmarkOptions options, HnswIndex index, BenchmarkData data, Dictionary<string, CurvePoint[]> curves)
    {
        int[] ids = [.. Enumerable.Range(0, data.Base.Length)];
        new Random(11).Shuffle(ids);
        int[] ordinals = [.. Enumerable.Range(0, data.Base.Length)];
        double start = CpuClock.Seconds;
        foreach (int id in ids.AsSpan(0, (int)(ids.Length * options.Churn)))
        {
            index.Remove(ordinals[id]);
            ordinals[id] = index.Add(data.Base[id]);
        }
        double seconds = CpuClock.Seconds - start;
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"churn: {seconds:0.0} s, {index.MemoryBytes / 1e6:0} MB, {index.RepairReachability()} unreachable after it"));
        foreach ((string kind, float[][] queries) in data.Queries)
        {
            int[][] truth = Array.ConvertAll(data.Truth[kind], row => Array.ConvertAll(row, id => ordinals[id]));
            curves[kind + ", churned"] = Curve(options, index, queries, truth);
        }
    }

    private static Dictionary<string, CurvePoint[]> Curves(
        IndexBenchmarkOptions options, HnswIndex index, BenchmarkData data, string suffix) =>
        data.Queries.ToDictionary(pair => pair.Key + suffix, pair => Curve(options, index, pair.Value, data.Truth[pair.Key]));

    private static void AddFilteredCurves(
        IndexBenchmarkOptions options, HnswIndex index, BenchmarkData data, double share, Dictionary<string, CurvePoint[]> curves)
    {
        Random random = new(7);
        OrdinalSet filter = new(Enumerable.Range(0, data.Base.Length).Where(_ => random.NextDouble() < share));
        foreach ((string kind, float[][] queries) in data.Queries)
        {
            int[][] truth = Array.ConvertAll(queries, query => data.Exact(query, filter));
            string name = string.Create(CultureInfo.InvariantCulture, $"{kind}, filter {share}");
            Curve(options with { Ef = options.Ef[..1] }, index, queries, truth, filter);    // warms up
            curves[name] = Curve(options, index, queries, truth, filter);
        }
    }

    private static CurvePoint[] Curve(
        IndexBenchmarkOptions options, HnswIndex index, float[][] queries, int[][] truth, OrdinalSet? filter = null) =>
        Array.ConvertAll(options.Ef, ef =>
        {
            long scored = 0;
            double best = double.MaxValue;
            ScoredOrdinal[] hits = new ScoredOrdinal[options.K * queries.Length];
            for (int repeat = 0; repeat < options.Repeats; repeat++)
            {
                double start = CpuClock.Seconds;
                for (int q = 0; q < queries.Length; q++)
                {
                    scored += index.Search(queries[q], ef, hits.AsSpan(q * options.K, options.K), filter).ScoredCount;
                }
                best = Math.Min(best, CpuClock.Seconds - start);
            }
            int found = 0;
            for (int i = 0; i < hits.Length; i++)
            {
                found += truth[i / options.K].Contains(hits[i].Ordinal) ? 1 : 0;
            }
            return new CurvePoint(
                ef, (double)found / truth.Sum(row => row.Length), queries.Length / best,
                (double)scored / queries.Length / options.Repeats);
        });
}
