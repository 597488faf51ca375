using System.Diagnostics;
using System.Globalization;
using ChineseClip.Vectors;

namespace ChineseClip.Benchmarks.Index;

/// <summary>
/// Searches beside other work: queries a CPU-second of one thread alone, of one beside a writer at full speed (between the figures
/// before and after its inserts), and of two threads together. Prints JSON Lines, one for every --ef.
/// </summary>
internal static class ConcurrencyMode
{
    public static int Run(ReadOnlySpan<string> args)
    {
        IndexBenchmarkOptions options = IndexBenchmarkOptions.Parse(args);
        BenchmarkData.Use(options, data =>
        {
            int half = options.N / 2;
            foreach (int ef in options.Ef)
            {
                using HnswIndex index = new(options.ToParameters());
                index.AddRange(data.Base[..half].SelectMany(row => row).ToArray(), new int[half]);
                float[][] queries = data.Queries["picture"];
                SearchFor(index, queries, ef, TimeSpan.FromSeconds(1));    // warms up
                Speed before = SearchFor(index, queries, ef, TimeSpan.FromSeconds(2));
                Speed beside = SearchBesideWriter(index, queries, ef, data.Base[half..]);
                Speed after = SearchFor(index, queries, ef, TimeSpan.FromSeconds(2));
                Speed[] two = SearchOnTwoThreads(index, queries, ef, TimeSpan.FromSeconds(2));
                double idle = 2 / ((1 / before.QpsCpu) + (1 / after.QpsCpu));
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{{\"ef\":{ef},\"idleQpsCpu\":{idle:0},\"besideWriterQpsCpu\":{beside.QpsCpu:0},\"besideWriterShare\":{beside.QpsCpu / idle:0.000},\"oneReaderQps\":{after.QpsWall:0},\"twoReadersQps\":{two[0].QpsWall + two[1].QpsWall:0},\"twoReadersGain\":{(two[0].QpsWall + two[1].QpsWall) / after.QpsWall:0.00},\"twoReadersGainCpu\":{(two[0].QpsCpu + two[1].QpsCpu) / after.QpsCpu:0.00}}}"));
            }
        });
        return 0;
    }

    private readonly record struct Speed(double QpsCpu, double QpsWall);

    private static Speed SearchBesideWriter(HnswIndex index, float[][] queries, int ef, float[][] vectors)
    {
        using CancellationTokenSource done = new();
        Thread writer = new(() =>
        {
            foreach (float[] vector in vectors)
            {
                index.Add(vector);
            }
            done.Cancel();
        });
        writer.Start();
        Speed speed = SearchUntil(index, queries, ef, () => done.IsCancellationRequested);
        writer.Join();
        return speed;
    }

    private static Speed[] SearchOnTwoThreads(HnswIndex index, float[][] queries, int ef, TimeSpan duration)
    {
        Speed[] speeds = new Speed[2];
        Thread other = new(() => speeds[1] = SearchFor(index, queries, ef, duration));
        other.Start();
        speeds[0] = SearchFor(index, queries, ef, duration);
        other.Join();
        return speeds;
    }

    private static Speed SearchFor(HnswIndex index, float[][] queries, int ef, TimeSpan duration)
    {
        Stopwatch clock = Stopwatch.StartNew();
        return SearchUntil(index, queries, ef, () => clock.Elapsed >= duration);
    }

    private static Speed SearchUntil(HnswIndex index, float[][] queries, int ef, Func<bool> isDone)
    {
        ScoredOrdinal[] hits = new ScoredOrdinal[10];
        Stopwatch wall = Stopwatch.StartNew();
        double cpu = CpuClock.Seconds;
        long count = 0;
        for (; count % queries.Length != 0 || !isDone(); count++)
        {
            index.Search(queries[count % queries.Length], ef, hits);
        }
        return new Speed(count / (CpuClock.Seconds - cpu), count / wall.Elapsed.TotalSeconds);
    }
}
