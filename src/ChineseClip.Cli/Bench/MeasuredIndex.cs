using System.Diagnostics;
using ChineseClip.Vectors;

namespace ChineseClip.Cli.Bench;

/// <summary>Seconds of CPU time and of the clock on the wall.</summary>
internal readonly record struct Duration(double CpuSeconds, double WallSeconds)
{
    /// <summary>Of the whole process.</summary>
    public static Duration Of(Action work)
    {
        double cpu = CpuClock.ProcessSeconds;
        Stopwatch wall = Stopwatch.StartNew();
        work();
        return new Duration(CpuClock.ProcessSeconds - cpu, wall.Elapsed.TotalSeconds);
    }
}

/// <summary>An index over some rows, built, taught and searched under the clock.</summary>
/// <remarks>Threads: exactly as many as the constructor was told, for each of the three.</remarks>
internal sealed class MeasuredIndex : IDisposable
{
    private readonly int _threads;
    private readonly int[] _rowOf;    // for each ordinal

    public MeasuredIndex(HnswParameters parameters, VectorRows<float> vectors, int threads)
    {
        _threads = threads;
        Index = new HnswIndex(parameters);
        int[] ordinals = new int[vectors.Count];
        Build = Duration.Of(() => Index.AddRange(vectors.All, ordinals, new BulkBuildOptions { Threads = threads }));
        _rowOf = new int[ordinals.Length];
        for (int row = 0; row < ordinals.Length; row++)
        {
            _rowOf[ordinals[row]] = row;
        }
    }

    public HnswIndex Index { get; }

    public Duration Build { get; }

    /// <summary>Learns from every query once; returns the edges added.</summary>
    public int Learn(VectorRows<float> queries, LearningParameters parameters)
    {
        int edges = 0;
        OnThreads(thread =>
        {
            for (int q = thread; q < queries.Count; q += _threads)
            {
                Interlocked.Add(ref edges, Index.Learn(queries[q], parameters));
            }
        });
        return edges;
    }

    /// <summary>Searches for some time without measuring, until the code is compiled and the caches are warm.</summary>
    public void WarmUp(QuerySet queries, int k, TimeSpan atLeast, OrdinalSet? filter = null)
    {
        Stopwatch wall = Stopwatch.StartNew();
        do
        {
            Search(queries, ef: 64, k, filter);
        }
        while (wall.Elapsed < atLeast);
    }

    /// <summary>Answers all queries once.</summary>
    /// <param name="queries">The thread t takes every query q with q mod threads = t.</param>
    /// <param name="ef">Size of the candidate pool.</param>
    /// <param name="k">How many hits each query wants.</param>
    /// <param name="filter">Ordinals that may be returned.</param>
    public CurvePoint Search(QuerySet queries, int ef, int k, OrdinalSet? filter = null)
    {
        int count = queries.Vectors.Count;
        ScoredOrdinal[] hits = new ScoredOrdinal[count * k];
        double[] cpu = new double[_threads];
        long[] scored = new long[_threads];
        Stopwatch wall = Stopwatch.StartNew();
        OnThreads(thread =>
        {
            double start = CpuClock.Seconds;
            for (int q = thread; q < count; q += _threads)
            {
                Span<ScoredOrdinal> answer = hits.AsSpan(q * k, k);
                SearchStatistics statistics = Index.Search(queries.Vectors[q], ef, answer, filter);
                answer[statistics.Found..].Fill(new ScoredOrdinal(-1, 0));
                scored[thread] += statistics.ScoredCount;
            }
            cpu[thread] = CpuClock.Seconds - start;
        });
        double wallSeconds = wall.Elapsed.TotalSeconds;
        for (int i = 0; i < hits.Length; i++)
        {
            hits[i] = hits[i].Ordinal < 0 ? hits[i] : hits[i] with { Ordinal = _rowOf[hits[i].Ordinal] };
        }
        return new CurvePoint(ef, queries.Recall(hits, k), count / cpu.Sum(), count / wallSeconds, (double)scored.Sum() / count);
    }

    /// <summary>The set of the ordinals of some rows.</summary>
    public OrdinalSet OrdinalsOf(OrdinalSet rows) =>
        new(Enumerable.Range(0, _rowOf.Length).Where(ordinal => rows.Contains(_rowOf[ordinal])));

    public void Dispose() => Index.Dispose();

    private void OnThreads(Action<int> work)
    {
        if (_threads == 1)
        {
            work(0);
            return;
        }
        Thread[] threads = [.. Enumerable.Range(0, _threads).Select(thread => new Thread(() => work(thread)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
    }
}
