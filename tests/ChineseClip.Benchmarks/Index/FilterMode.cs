using System.Globalization;
using ChineseClip.Vectors;

namespace ChineseClip.Benchmarks.Index;

/// <summary>
/// Filtered search: recall against the exact filtered answer, and speed beside the better of a scan and unfiltered search at the same
/// effort. Filters let items through at random, or those nearest to or farthest from a direction; then queries are taken from both
/// ends of that direction. Prints JSON Lines.
/// </summary>
internal static class FilterMode
{
    private static readonly double[] DefaultShares = [0.001, 0.01, 0.1, 0.5, 0.9];
    private const int QueriesPerGroup = 200;

    public static int Run(ReadOnlySpan<string> args)
    {
        IndexBenchmarkOptions options = IndexBenchmarkOptions.Parse(args);
        double[] shares = options.FilterSelectivity.Length > 0 ? options.FilterSelectivity : DefaultShares;
        BenchmarkData.Use(options, data =>
        {
            using HnswIndex index = new(options.ToParameters());
            int[] ordinals = new int[options.N];
            index.AddRange(data.Vectors.All, ordinals);
            float[] direction = data.Queries["picture"][^1];
            int[] byDirection = [.. ordinals.OrderByDescending(ordinal => VectorMath.Dot(data.Base[ordinal], direction))];
            foreach ((string kind, float[][] queries) in data.Queries)
            {
                float[][] sorted = [.. queries.OrderByDescending(query => VectorMath.Dot(query, direction))];
                float[][] near = sorted[..Math.Min(QueriesPerGroup, sorted.Length / 4)];
                float[][] far = sorted[^near.Length..];
                foreach (double share in shares)
                {
                    int count = (int)(options.N * share);
                    int[] random = [.. ordinals];
                    new Random(5).Shuffle(random);
                    OrdinalSet nearest = new(byDirection[..count]);
                    OrdinalSet farthest = new(byDirection[^count..]);
                    Measure(options, index, $"{kind}, uncorrelated", share, queries[..near.Length], new OrdinalSet(random[..count]));
                    Measure(options, index, $"{kind} inside, nearest", share, near, nearest);
                    Measure(options, index, $"{kind} outside, nearest", share, far, nearest);
                    Measure(options, index, $"{kind} inside, farthest", share, far, farthest);
                    Measure(options, index, $"{kind} outside, farthest", share, near, farthest);
                }
            }
        });
        return 0;
    }

    private static void Measure(
        IndexBenchmarkOptions options, HnswIndex index, string name, double share, float[][] queries, OrdinalSet filter)
    {
        ScoredOrdinal[][] truth = Array.ConvertAll(queries, query =>
        {
            ScoredOrdinal[] hits = new ScoredOrdinal[options.K];
            return hits[..index.SearchExact(query, hits, filter).Found];
        });
        double scan = Qps(options, queries, (query, hits) => index.SearchExact(query, hits, filter), out _);
        double codeScan = Qps(options, queries, (query, hits) => index.SearchCodes(query, hits, filter), out _);
        foreach (int ef in options.Ef)
        {
            double unfiltered = Qps(options, queries, (query, hits) => index.Search(query, ef, hits), out _);
            double filtered = Qps(options, queries, (query, hits) => index.Search(query, ef, hits, filter), out ScoredOrdinal[][] found);
            double recall = truth.Zip(found, (t, f) => t.Count(hit => f.Contains(hit))).Sum() / (double)truth.Sum(row => row.Length);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{{\"queries\":\"{name}\",\"share\":{share},\"ef\":{ef},\"recall\":{recall:0.0000},\"qpsCpu\":{filtered:0},\"unfilteredQpsCpu\":{unfiltered:0},\"exactScanQpsCpu\":{scan:0},\"codeScanQpsCpu\":{codeScan:0},\"ratio\":{filtered / Math.Max(unfiltered, Math.Max(scan, codeScan)):0.00}}}"));
        }
    }

    private static double Qps(
        IndexBenchmarkOptions options, float[][] queries, Func<float[], ScoredOrdinal[], SearchStatistics> search, out ScoredOrdinal[][] found)
    {
        ScoredOrdinal[][] hits = Array.ConvertAll(queries, _ => new ScoredOrdinal[options.K]);
        double best = double.MaxValue;
        for (int repeat = 0; repeat < options.Repeats + 1; repeat++)
        {
            double start = CpuClock.Seconds;
            for (int q = 0; q < queries.Length; q++)
            {
                search(queries[q], hits[q]);
            }
            best = Math.Min(best, CpuClock.Seconds - start);
        }
        found = hits;
        return queries.Length / best;
    }
}
