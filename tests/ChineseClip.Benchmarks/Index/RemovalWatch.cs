using ChineseClip.Vectors;

namespace ChineseClip.Benchmarks.Index;

/// <summary>Searches on a thread of its own while another writes, and counts hits whose removal had returned before the search began.</summary>
internal sealed class RemovalWatch(HnswIndex index, float[][] queries, int maxOrdinal)
{
    private const int K = 10;
    private const int Ef = 64;

    private readonly long[] _removedAt = new long[maxOrdinal];
    private long _clock;
    private bool _isDone;

    public long Searches { get; private set; }

    public long Violations { get; private set; }

    public void Remove(int ordinal)
    {
        index.Remove(ordinal);
        Volatile.Write(ref _removedAt[ordinal], Interlocked.Increment(ref _clock));
    }

    /// <summary>Returns the CPU seconds that the writes took.</summary>
    public double SearchDuring(Action writes)
    {
        _isDone = false;
        Thread reader = new(SearchUntilDone);
        reader.Start();
        double start = CpuClock.Seconds;
        writes();
        double seconds = CpuClock.Seconds - start;
        Volatile.Write(ref _isDone, true);
        reader.Join();
        return seconds;
    }

    private void SearchUntilDone()
    {
        ScoredOrdinal[] hits = new ScoredOrdinal[K];
        float[] vector = new float[index.Dimension];
        for (long i = 0; !Volatile.Read(ref _isDone); i++)
        {
            using ReadLease lease = index.EnterRead();    // no ordinal gets another vector meanwhile
            long began = Interlocked.Read(ref _clock);
            int found = index.Search(queries[i % queries.Length], Ef, hits).Found;
            foreach (ScoredOrdinal hit in hits.AsSpan(0, found))
            {
                long removed = Volatile.Read(ref _removedAt[hit.Ordinal]);
                Violations += removed != 0 && removed <= began && !index.TryGetVector(hit.Ordinal, vector) ? 1 : 0;
            }
            Searches++;
        }
    }
}
