namespace ChineseClip.Vectors;

/// <summary>Held-out live queries, and the recall of a search with and without the learned edges against exact search.</summary>
/// <remarks>
/// Threads: safe; <see cref="MeasureNext"/> on one at a time. Why a comparison on the same queries: whether learning helps is told
/// apart from whether the queries got easier.
/// </remarks>
internal sealed class RecallSample(HnswIndex index, QueryLearnerOptions options)
{
    private readonly Lock _lock = new();
    private readonly QueryRing _waiting = new(index.Dimension, options.SampleWindow);
    private readonly Queue<(int Wanted, int Found, int FoundWithoutLearning)> _measured = new();
    private readonly float[] _query = new float[index.Dimension];
    private readonly ScoredOrdinal[] _exact = new ScoredOrdinal[options.K];
    private readonly ScoredOrdinal[] _hits = new ScoredOrdinal[options.K];

    public void Add(ReadOnlySpan<float> query) => _waiting.Add(query);

    /// <summary>Measures one query that waits; false when none does.</summary>
    public bool MeasureNext(CancellationToken cancellationToken)
    {
        if (!_waiting.TryTake(_query))
        {
            return false;
        }
        int wanted = index.SearchExact(_query, _exact, null, cancellationToken).Found;
        if (wanted > 0)
        {
            int found = CountFound(wanted, index.Search(_query, options.ServingEf, _hits, null, cancellationToken).Found);
            int without = CountFound(wanted, index.SearchWithoutLearned(_query, options.ServingEf, _hits).Found);
            lock (_lock)
            {
                _measured.Enqueue((wanted, found, without));
                if (_measured.Count > options.SampleWindow)
                {
                    _measured.Dequeue();
                }
            }
        }
        return true;
    }

    public (int Queries, double? With, double? Without) Recall()
    {
        lock (_lock)
        {
            double wanted = _measured.Sum(sample => sample.Wanted);
            return _measured.Count == 0
                ? (0, null, null)
                : (_measured.Count, _measured.Sum(sample => sample.Found) / wanted,
                    _measured.Sum(sample => sample.FoundWithoutLearning) / wanted);
        }
    }

    // By score, so that of items with equal scores any may be found.
    private int CountFound(int wanted, int found)
    {
        int count = 0;
        foreach (ScoredOrdinal hit in _hits.AsSpan(0, found))
        {
            count += hit.Score >= _exact[wanted - 1].Score ? 1 : 0;
        }
        return Math.Min(count, wanted);
    }
}
