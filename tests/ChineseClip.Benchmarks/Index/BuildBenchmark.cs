using System.Diagnostics;
using System.Globalization;
using ChineseClip.Vectors;

namespace ChineseClip.Benchmarks.Index;

/// <summary>The bulk build on several numbers of threads: seconds, and the recall of what came out. Prints JSON Lines.</summary>
internal static class BuildBenchmark
{
    public static int Run(ReadOnlySpan<string> args)
    {
        IndexBenchmarkOptions options = IndexBenchmarkOptions.Parse(args);
        BenchmarkData.Use(options, data =>
        {
            foreach (int threads in options.Threads)
            {
                Console.WriteLine(Measure(options, data, threads));
            }
        });
        return 0;
    }

    private static string Measure(IndexBenchmarkOptions options, BenchmarkData data, int threads)
    {
        using HnswIndex index = new(options.ToParameters());
        int[] ordinals = new int[options.N];
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        Stopwatch wall = Stopwatch.StartNew();
        index.AddRange(data.Vectors.All, ordinals, new BulkBuildOptions { Threads = threads });
        double wallSeconds = wall.Elapsed.TotalSeconds;
        double cpuSeconds = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
        int unreachable = index.RepairReachability();
        string recalls = string.Join(',', data.Queries.SelectMany(pair => options.Ef.Select(ef => string.Create(
            CultureInfo.InvariantCulture, $"\"{pair.Key} @{ef}\":{Recall(index, ordinals, pair.Value, data.Truth[pair.Key], ef):0.0000}"))));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"threads\":{threads},\"wallSeconds\":{wallSeconds:0.00},\"cpuSeconds\":{cpuSeconds:0.00},\"bytes\":{index.MemoryBytes},\"unreachable\":{unreachable},\"recall\":{{{recalls}}}}}");
    }

    private static double Recall(HnswIndex index, int[] ordinals, float[][] queries, int[][] truth, int ef)
    {
        int found = 0;
        ScoredOrdinal[] hits = new ScoredOrdinal[truth[0].Length];
        for (int q = 0; q < queries.Length; q++)
        {
            int count = index.Search(queries[q], ef, hits).Found;
            found += hits.Take(count).Count(hit => truth[q].Any(id => ordinals[id] == hit.Ordinal));
        }
        return (double)found / truth.Sum(row => row.Length);
    }
}
