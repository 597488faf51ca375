using ChineseClip.Vectors.Graph;
using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Persistence;
using ChineseClip.Vectors.Quantization;

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

    private readonly Lock _writeLock = new();
    private readonly GraphStore _store;
    private readonly GraphBuilder _builder;
    private readonly ReaderEpochs _epochs = new();
    private readonly TombstoneSweep _sweep;
    private readonly HnswSearcher _searcher;
    private readonly QueryLinker _linker;
    private readonly Reachability _reachability;
    private readonly CodeBookUpkeep? _codes;
    private readonly HnswParameters _parameters;
    private readonly double _levelScale;
    private readonly WriteClock _clock = new();
    private IndexSnapshot? _snapshot;
    private SnapshotBasis? _snapshotBasis;
    private ulong _insertCount;
    private int _liveCount;
    private bool _disposed;

    public HnswIndex(HnswParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.ThrowIfInvalid();
        _parameters = parameters;
        _levelScale = 1 / Math.Log(parameters.M);
        _store = new GraphStore(parameters.Dimension, parameters.M, _clock);
        _builder = new GraphBuilder(_store, parameters.EfConstruction);
        _sweep = new TombstoneSweep(_store, _builder, _epochs);
        _searcher = new HnswSearcher(_store);
        _linker = new QueryLinker(_store);
        _reachability = new Reachability(_store);
        _codes = parameters.Quantization == VectorQuantization.Sq7 ? new CodeBookUpkeep(_store, _epochs) : null;
    }

    /// <summary>Opens an index from a snapshot: it finds what the index found when the snapshot was begun, and can be written.</summary>
    /// <param name="directory">Where the snapshot was written. The files may be deleted while the index is open, but not changed.</param>
    /// <param name="options">What is verified first; null for everything.</param>
    /// <exception cref="IndexFileException">A file is missing, damaged, of another version or not what the manifest says.</exception>
    public static HnswIndex Open(string directory, HnswOpenOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        SnapshotImage image = new(directory, options ?? new HnswOpenOptions());
        HnswIndex? index = null;
        try
        {
            index = new HnswIndex(image.Manifest.Parameters);
            index.Restore(image);
            return index;
        }
        catch (Exception exception)
        {
            index?.Dispose();
            throw exception is ArgumentException ? image.Inconsistent(exception.Message) : exception;
        }
    }

    /// <summary>Live vectors.</summary>
    public int Count => Volatile.Read(ref _liveCount);

    public int Dimension => _parameters.Dimension;

    /// <summary>Native memory taken for the rows in use.</summary>
    public long MemoryBytes => _store.MemoryBytes + (_codes?.Current.MemoryBytes(_store.SlotCount) ?? 0);

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
                Link(ordinal, unitVector, context);
                Volatile.Write(ref _liveCount, _liveCount + 1);
            }
            finally
            {
                _epochs.Leave(context);
            }
            StepUpkeep();
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
            StepUpkeep();
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
            SearchRequest request = new(_store.Snapshot(), hits, ef, filter, Count, cancellationToken);
            FloatSpace full = OpenFull(context.SetQuery(query));
            int found = _codes is null
                ? _searcher.Search(full, full, request, context)
                : _searcher.Search(OpenCodes(_codes.Current, query, context), full, request, context);
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
            SearchRequest request = new(_store.Snapshot(), hits, hits.Length, filter, Count, cancellationToken);
            FloatSpace full = OpenFull(context.SetQuery(query));
            int found = hits.IsEmpty ? 0 : _searcher.Scan(full, hits.Length, request, context).CopyTo(hits);
            return new SearchStatistics(found, 0, context.ScoredCount);
        }
        finally
        {
            _epochs.Leave(context);
        }
    }

    /// <summary>Learns from a query: finds its neighbours with much effort and links them, for the queries like it to come.</summary>
    /// <param name="query">A unit vector, for instance the embedding of a text that was searched for or of a caption.</param>
    /// <param name="parameters">How much effort; the defaults suit 512 dimensions.</param>
    /// <returns>Edges added; few when the index knew such queries already.</returns>
    /// <remarks>Threads: like a search while it looks for the neighbours, like a writer for the microseconds of linking them.</remarks>
    public int Learn(ReadOnlySpan<float> query, LearningParameters? parameters = null)
    {
        parameters ??= new LearningParameters();
        parameters.ThrowIfInvalid();
        Span<ScoredOrdinal> neighbors = stackalloc ScoredOrdinal[parameters.NeighborCount];
        using ReadLease lease = EnterRead();    // what is found keeps its meaning until it is linked
        neighbors = neighbors[..Search(query, parameters.Ef, neighbors).Found];
        lock (_writeLock)
        {
            return _linker.Link(neighbors);
        }
    }

    /// <summary>Looks for vectors that no search can reach and links them again. Also done after removed vectors were cleared away.</summary>
    /// <returns>How many there were.</returns>
    public int RepairReachability()
    {
        lock (_writeLock)
        {
            SearchContext context = _epochs.Enter();
            try
            {
                return _reachability.ForEachUnreachable(ordinal => Reconnect(ordinal, context));
            }
            finally
            {
                _epochs.Leave(context);
            }
        }
    }

    /// <summary>Freezes the index as it is now, to be written to files while it is searched and written; stops the writer for a moment.</summary>
    /// <exception cref="InvalidOperationException">The snapshot begun before was not disposed.</exception>
    public IndexSnapshot BeginSnapshot()
    {
        lock (_writeLock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_snapshot is not null)
            {
                throw new InvalidOperationException("a snapshot of this index was begun and not disposed; there can be one at a time.");
            }
            SnapshotCapture capture = new();
            capture.AddNumber("insertCount", (long)_insertCount);
            capture.AddNumber("liveCount", _liveCount);
            _store.Capture(capture);
            _sweep.Capture(capture);
            _codes?.Capture(capture);
            return _snapshot = new IndexSnapshot(_parameters, capture, _clock.Advance(), _snapshotBasis, EndSnapshot);
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
                _codes?.Dispose();
                _store.Dispose();
            }
        }
    }

    private void Restore(SnapshotImage image)
    {
        _insertCount = (ulong)image.Number("insertCount");
        _store.Restore(image);
        _liveCount = image.Number("liveCount", 0, _store.SlotCount);
        _sweep.Restore(image);
        _codes?.Restore(image);
        _snapshotBasis = new SnapshotBasis(image.Manifest.Id, WriteClock.AsOpened);
    }

    private void EndSnapshot(IndexSnapshot snapshot, SnapshotBasis? written)
    {
        lock (_writeLock)
        {
            _snapshot = null;
            _snapshotBasis = written ?? _snapshotBasis;
        }
    }

    private bool IsLive(int ordinal) => (uint)ordinal < (uint)_store.SlotCount && _store.State(ordinal) == NodeState.Live;

    private void Link(int ordinal, ReadOnlySpan<float> unitVector, SearchContext context)
    {
        if (_codes is null)
        {
            _store.PublishSlot(ordinal);
            _builder.Link(OpenFull(_store.Vector(ordinal)), ordinal, context);
            return;
        }
        CodeBook book = _codes.Current;
        book.Write(ordinal, unitVector);
        _store.PublishSlot(ordinal);
        _builder.Link(OpenCodes(book, unitVector, context), ordinal, context);
    }

    // What every write pays for: a little of the work that removals and changing data leave behind.
    private void StepUpkeep()
    {
        _codes?.Step(_liveCount);
        if (_codes is null)
        {
            _sweep.Step(OpenFull(null), _liveCount);
        }
        else
        {
            _sweep.Step(new CodeSpace(_codes.Current, null), _liveCount);
        }
        if (_sweep.IsReachabilityInDoubt)
        {
            _sweep.IsReachabilityInDoubt = false;
            RepairReachability();
        }
    }

    private void Reconnect(int ordinal, SearchContext context)
    {
        if (_codes is null)
        {
            _builder.Reconnect(OpenFull(_store.Vector(ordinal)), ordinal, context);
            return;
        }
        ReadOnlySpan<float> vector = new(_store.Vector(ordinal), Dimension);
        _builder.Reconnect(OpenCodes(_codes.Current, vector, context), ordinal, context);
    }

    private FloatSpace OpenFull(float* query) => new(_store.VectorRows, query, Dimension);

    private static CodeSpace OpenCodes(CodeBook book, ReadOnlySpan<float> query, SearchContext context) =>
        new(book, context.SetQueryCodes(query, book.RowBytes));

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
