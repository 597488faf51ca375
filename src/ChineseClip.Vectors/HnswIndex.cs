using ChineseClip.Vectors.Graph;

namespace ChineseClip.Vectors;

/// <summary>Approximate nearest-neighbour index of unit vectors: a hierarchical navigable small-world graph.</summary>
/// <remarks>
/// Threads: any number of searches beside one writer; writers take turns. A search sees every vector whose Add returned before it
/// began, and none whose Remove did.
/// Ordinals: a removed ordinal is given to a new vector only after every search and <see cref="ReadLease"/> that began before the
/// removal has ended. Order: score descending, then ordinal ascending.
/// Source: Malkov and Yashunin, arXiv 1603.09320.
/// </remarks>
public sealed unsafe class HnswIndex : IDisposable
{
    private const int MaxLevel = 30;

    // Rows ranked for one pool entry, measured on graphs of M = 16: tells when scanning a filter is cheaper than the graph.
    private const int ScoredPerPoolEntry = 20;
    private const int MinLiveOnGraph = 256;

    private readonly Lock _writeLock = new();
    private readonly GraphStore _store;
    private readonly GraphBuilder _builder;
    private readonly ReaderEpochs _epochs = new();
    private readonly TombstoneSweep _sweep;
    private readonly HnswParameters _parameters;
    private readonly double _levelScale;
    private ulong _insertCount;
    private int _liveCount;
    private bool _disposed;

    public HnswIndex(HnswParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.ThrowIfInvalid();
        _parameters = parameters;
        _levelScale = 1 / Math.Log(parameters.M);
        _store = new GraphStore(parameters.Dimension, parameters.M);
        _builder = new GraphBuilder(_store, parameters.EfConstruction);
        _sweep = new TombstoneSweep(_store, _builder, _epochs);
    }

    /// <summary>Live vectors.</summary>
    public int Count => Volatile.Read(ref _liveCount);

    public int Dimension => _parameters.Dimension;

    /// <summary>Native memory taken for the rows in use.</summary>
    public long MemoryBytes => _store.MemoryBytes;

    /// <summary>Adds a unit vector; the next search can return it.</summary>
    /// <returns>Its ordinal.</returns>
    /// <exception cref="ArgumentException">Wrong length, an element not finite, or not of length 1 within 1e-3.</exception>
    public int Add(ReadOnlySpan<float> unitVector)
    {
        VectorMath.ThrowIfNotUnit(unitVector, Dimension);
        lock (_writeLock)
        {
            int ordinal;
            SearchContext context = _epochs.Enter();
            try
            {
                ordinal = _store.AllocateSlot(unitVector, NextLevel());
                _builder.Link(OpenSpace(_store.Vector(ordinal)), ordinal, context);
                Volatile.Write(ref _liveCount, _liveCount + 1);
            }
            finally
            {
                _epochs.Leave(context);
            }
            _sweep.Step(OpenSpace(null), _liveCount);
            return ordinal;
        }
    }

    /// <summary>Removes a vector: no search that begins later returns it.</summary>
    /// <returns>False when the ordinal is not in the index.</returns>
    public bool Remove(int ordinal)
    {
        lock (_writeLock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!IsLive(ordinal))
            {
                return false;
            }
            _sweep.AddTombstone(ordinal);
            Volatile.Write(ref _liveCount, _liveCount - 1);
            _sweep.Step(OpenSpace(null), _liveCount);
            return true;
        }
    }

    /// <summary>Copies the vector as it was added.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ordinal is not in the index.</exception>
    public void GetVector(int ordinal, Span<float> destination)
    {
        if (!TryGetVector(ordinal, destination))
        {
            throw new ArgumentOutOfRangeException(nameof(ordinal), ordinal, $"ordinal {ordinal} is not in the index.");
        }
    }

    /// <summary>Copies the vector as it was added; false when the ordinal is not in the index.</summary>
    public bool TryGetVector(int ordinal, Span<float> destination)
    {
        using ReadLease lease = EnterRead();
        if (!IsLive(ordinal))
        {
            return false;
        }
        new ReadOnlySpan<float>(_store.Vector(ordinal), Dimension).CopyTo(destination);
        return true;
    }

    /// <summary>Holds back the reuse of ordinals, for instance while hits are mapped to ids. Dispose it exactly once, soon.</summary>
    public ReadLease EnterRead() => new(_epochs);

    /// <summary>The best hits the graph leads to, and all k of them whenever k items match.</summary>
    /// <param name="query">A unit vector.</param>
    /// <param name="ef">Size of the candidate pool: more is slower and nearer to exact. At least k is used.</param>
    /// <param name="hits">Its length is k; best first.</param>
    /// <param name="filter">Ordinals that may be returned; null for all.</param>
    /// <param name="cancellationToken">Ends the search with an exception.</param>
    public SearchStatistics Search(
        ReadOnlySpan<float> query, int ef, Span<ScoredOrdinal> hits, OrdinalSet? filter = null,
        CancellationToken cancellationToken = default)
    {
        VectorMath.ThrowIfNotUnit(query, Dimension);
        if (ef is < 1 or > HnswParameters.MaxEf)
        {
            throw new ArgumentOutOfRangeException(nameof(ef), ef, $"ef is {ef}; must be 1..{HnswParameters.MaxEf}.");
        }
        SearchContext context = _epochs.Enter();
        try
        {
            int matchCount = Math.Min(Count, filter?.Count ?? int.MaxValue);
            int poolSize = PoolSize(Math.Max(ef, hits.Length), matchCount);
            FloatSpace space = OpenSpace(context.SetQuery(query));
            int found = 0;
            if (hits.Length > 0 && GraphIsCheaper(poolSize, matchCount))
            {
                found = SearchGraph(space, poolSize, hits, filter, context, cancellationToken);
            }
            if (found < Math.Min(hits.Length, matchCount))
            {
                found = Scan(space, hits, filter, context, cancellationToken);
            }
            return new SearchStatistics(found, context.VisitedCount, context.ScoredCount);
        }
        finally
        {
            _epochs.Leave(context);
        }
    }

    /// <summary>The best hits of all, by comparing every vector: the oracle.</summary>
    public SearchStatistics SearchExact(
        ReadOnlySpan<float> query, Span<ScoredOrdinal> hits, OrdinalSet? filter = null, CancellationToken cancellationToken = default)
    {
        VectorMath.ThrowIfNotUnit(query, Dimension);
        SearchContext context = _epochs.Enter();
        try
        {
            int found = Scan(OpenSpace(context.SetQuery(query)), hits, filter, context, cancellationToken);
            return new SearchStatistics(found, 0, context.ScoredCount);
        }
        finally
        {
            _epochs.Leave(context);
        }
    }

    /// <summary>Waits for the searches under way and frees the memory.</summary>
    public void Dispose()
    {
        lock (_writeLock)
        {
            if (!_disposed)
            {
                _disposed = true;
                _epochs.Dispose();
                _store.Dispose();
            }
        }
    }

    private int SearchGraph(
        FloatSpace space, int poolSize, Span<ScoredOrdinal> hits, OrdinalSet? filter, SearchContext context,
        CancellationToken cancellationToken)
    {
        (int entry, int entryLevel) = _store.Entry;
        if (entry < 0)
        {
            return 0;
        }
        int start = LayerTraversal.Descend(_store, space, entry, entryLevel, level: 0, context);
        CandidatePool pool = context.OpenPool(poolSize);
        LayerTraversal.Fill(
            ref pool, space, new BaseEdgeRows(_store.BaseRows, _store.BaseRowSlots), start,
            context.Tags.Begin(_store.SlotCount), context, cancellationToken);
        CandidatePool best = context.OpenResults(hits.Length);
        foreach (long key in pool.Keys)
        {
            int ordinal = RankKey.Ordinal(key);
            if (best.Count < hits.Length && IsWanted(ordinal, filter))
            {
                best.Insert(RankKey.Rank(key), ordinal);
            }
        }
        return best.CopyTo(hits);
    }

    private int Scan(
        FloatSpace space, Span<ScoredOrdinal> hits, OrdinalSet? filter, SearchContext context, CancellationToken cancellationToken)
    {
        if (hits.Length == 0)
        {
            return 0;
        }
        CandidatePool best = context.OpenResults(hits.Length);
        int slotCount = _store.SlotCount;
        for (int ordinal = Next(0, filter); ordinal >= 0 && ordinal < slotCount; ordinal = Next(ordinal + 1, filter))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_store.State(ordinal) == NodeState.Live)
            {
                best.Insert(space.Rank(ordinal), ordinal);
                context.ScoredCount++;
            }
        }
        return best.CopyTo(hits);
    }

    private static int Next(int ordinal, OrdinalSet? filter) => filter is null ? ordinal : filter.NextAtLeast(ordinal);

    private bool IsWanted(int ordinal, OrdinalSet? filter) =>
        _store.State(ordinal) == NodeState.Live && (filter is null || filter.Contains(ordinal));

    private bool IsLive(int ordinal) => (uint)ordinal < (uint)_store.SlotCount && _store.State(ordinal) == NodeState.Live;

    // The pool holds nodes that do not match, too; it is larger as they are more frequent.
    private int PoolSize(int ef, int matchCount)
    {
        long scaled = (long)ef * _store.SlotCount / Math.Max(1, matchCount);
        return (int)Math.Clamp(scaled, ef, Math.Max(ef, HnswParameters.MaxEf));
    }

    private static bool GraphIsCheaper(int poolSize, int matchCount) =>
        matchCount > MinLiveOnGraph && (long)poolSize * ScoredPerPoolEntry < matchCount;

    private FloatSpace OpenSpace(float* query) => new(_store.VectorRows, query, Dimension);

    // Geometric levels from a counter-based generator (SplitMix64): level l with probability M^-l.
    private int NextLevel()
    {
        ulong z = _parameters.Seed + (++_insertCount * 0x9E3779B97F4A7C15UL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        double uniform = (((z ^ (z >> 31)) >> 11) + 1) * (1.0 / (1L << 53));
        return Math.Min(MaxLevel, (int)(-Math.Log(uniform) * _levelScale));
    }
}
