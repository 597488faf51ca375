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

    private const int MinBatch = 256;
    private const int BatchPerThread = 64;

    // Pruning cuts off a node in some thousands; as many new ones as this part of all are worth looking for them.
    private const int PartThatMayUnlink = 16;

    private readonly Lock _writeLock = new();
    private readonly GraphStore _store;
    private readonly ReaderEpochs _epochs = new();
    private readonly GraphWriter _writer;
    private readonly HnswSearcher _searcher;
    private readonly QueryLinker _linker;
    private readonly CodeBookUpkeep? _codes;
    private readonly HnswParameters _parameters;
    private readonly double _levelScale;
    private readonly WriteClock _clock = new();
    private IndexSnapshot? _snapshot;
    private SnapshotBasis? _snapshotBasis;
    private ulong _insertCount;
    private int _liveCount;
    private long _writeCount;
    private bool _disposed;

    public HnswIndex(HnswParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.ThrowIfInvalid();
        _parameters = parameters;
        _levelScale = 1 / Math.Log(parameters.M);
        _store = new GraphStore(
            parameters.Dimension, parameters.M, vectorsIn16Bits: parameters.Quantization == VectorQuantization.Sq7S16, _clock);
        _codes = parameters.Quantization == VectorQuantization.None ? null : new CodeBookUpkeep(_store, _epochs);
        _writer = new GraphWriter(_store, _codes, _epochs, parameters.EfConstruction);
        _searcher = new HnswSearcher(_store);
        _linker = new QueryLinker(_store);
    }

    /// <summary>Opens an index from a snapshot: it finds what the index found when the snapshot was begun, and can be written.</summary>
    /// <param name="directory">Where the snapshot was written. The files may be deleted while the index is open, but not changed.</param>
    /// <param name="options">What is verified first; null for everything.</param>
    /// <exception cref="IndexFileException">A file is missing, damaged, of another version or not what the manifest says.</exception>
    public static HnswIndex Open(string directory, HnswOpenOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        SnapshotImage image = new(directory, options ?? new HnswOpenOptions());
        HnswIndex index = OfParameters(image);
        try
        {
            index.Restore(image);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>Reads the live vectors of a snapshot by their ordinals, ascending, and nothing else of it: enough to build it anew.</summary>
    /// <param name="directory">Where the snapshot was written. Its graph, codes and lists may be damaged or missing.</param>
    /// <param name="read">Called for each; the vector is as <see cref="GetVector"/> gave it, and valid until the call returns.</param>
    /// <exception cref="IndexFileException">The manifest, a file of vectors or a file of nodes is missing or damaged.</exception>
    public static void ReadVectors(string directory, Action<int, ReadOnlySpan<float>> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(read);
        SnapshotImage image = new(directory, new HnswOpenOptions());
        using HnswIndex index = OfParameters(image);
        index._store.RestoreVectors(image);
        float[] vector = new float[index.Dimension];
        for (int ordinal = 0; ordinal < index._store.SlotCount; ordinal++)
        {
            if (index.IsLive(ordinal))
            {
                index._store.Vectors.CopyTo(ordinal, vector);
                read(ordinal, vector);
            }
        }
    }

    /// <summary>Live vectors.</summary>
    public int Count => Volatile.Read(ref _liveCount);

    public int Dimension => _parameters.Dimension;

    /// <summary>Vectors added and removed so far: by how much the index has changed between two moments.</summary>
    public long WriteCount => Interlocked.Read(ref _writeCount);

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
            ObjectDisposedException.ThrowIf(_disposed, this);
            int ordinal = _writer.Add(unitVector, NextLevel());
            CountWrites(1, liveChange: +1);
            return ordinal;
        }
    }

    /// <summary>Adds many unit vectors, linking them on several threads. Searches may run meanwhile; other writes wait for a batch.</summary>
    /// <param name="unitVectors">Shape: [n, Dimension], row-major.</param>
    /// <param name="ordinals">Takes the n ordinals; -1 where a vector was not added because the work was canceled.</param>
    /// <param name="options">Threads and progress.</param>
    /// <param name="cancellationToken">Ends the work between two batches, which take some 20 ms; what was added stays.</param>
    /// <exception cref="ArgumentException">A row that <see cref="Add"/> would refuse; nothing was added.</exception>
    public void AddRange(
        ReadOnlyMemory<float> unitVectors, Span<int> ordinals, BulkBuildOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new BulkBuildOptions();
        options.ThrowIfInvalid();
        ThrowIfNotUnitRows(unitVectors.Span, ordinals.Length);
        ordinals.Fill(-1);
        int threads = options.EffectiveThreads;
        int batchSize = Math.Max(MinBatch, BatchPerThread * threads);
        for (int start = 0; start < ordinals.Length; start += batchSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(batchSize, ordinals.Length - start);
            ReadOnlyMemory<float> rows = unitVectors[(start * Dimension)..];
            lock (_writeLock)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                _codes?.PrepareFor(rows.Span, _liveCount);
                AddBatch(rows, ordinals.Slice(start, count), threads);
            }
            options.Progress?.Report(new BulkBuildProgress(start + count, ordinals.Length));
        }
        if (ordinals.Length >= Count / PartThatMayUnlink)
        {
            lock (_writeLock)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                _writer.RepairReachability();
                _codes?.ChooseLandmarks();
            }
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
            _writer.AddTombstone(ordinal);
            CountWrites(1, liveChange: -1);
            return true;
        }
    }

    /// <summary>Whether a vector that was not removed is there.</summary>
    public bool Contains(int ordinal) => IsLive(ordinal);

    /// <summary>Copies the vector as it was added; with 16-bit vectors each element within 1.6e-5 of it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ordinal is not in the index.</exception>
    public void GetVector(int ordinal, Span<float> destination)
    {
        if (!TryGetVector(ordinal, destination))
        {
            throw new ArgumentOutOfRangeException(nameof(ordinal), ordinal, $"ordinal {ordinal} is not in the index.");
        }
    }

    /// <summary>Copies the vector as <see cref="GetVector"/> does; false when the ordinal is not in the index.</summary>
    public bool TryGetVector(int ordinal, Span<float> destination)
    {
        using ReadLease lease = EnterRead();
        if (!IsLive(ordinal))
        {
            return false;
        }
        _store.Vectors.CopyTo(ordinal, destination);
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
        return Search(query, ef, hits, filter, SearchMode.Full, cancellationToken);
    }

    /// <summary>What a search would find if nothing had been learned from queries: the measure of what learning gained.</summary>
    public SearchStatistics SearchWithoutLearned(ReadOnlySpan<float> query, int ef, Span<ScoredOrdinal> hits) =>
        Search(query, ef, hits, filter: null, SearchMode.WithoutLearned, CancellationToken.None);

    /// <summary>The best hits of all, by comparing every vector: the oracle.</summary>
    public SearchStatistics SearchExact(
        ReadOnlySpan<float> query, Span<ScoredOrdinal> hits, OrdinalSet? filter = null, CancellationToken cancellationToken = default)
    {
        VectorMath.ThrowIfNotUnit(query, Dimension);
        SearchContext context = _epochs.Enter();
        try
        {
            SearchRequest request = new(_store.Snapshot(), hits, hits.Length, filter, Count, cancellationToken);
            if (hits.IsEmpty)
            {
                return default;
            }
            CandidatePool best;
            if (_store.Vectors.In16Bits)
            {
                _searcher.Scan(OpenShorts(query, context), hits.Length, request, context, out best);
            }
            else
            {
                _searcher.Scan(OpenFull(query, context), hits.Length, request, context, out best);
            }
            return new SearchStatistics(best.CopyTo(hits), 0, context.ScoredCount);
        }
        finally
        {
            _epochs.Leave(context);
        }
    }

    /// <summary>What a filtered search falls back to when few match: every code is compared, and the best by their full vectors.</summary>
    internal SearchStatistics SearchCodes(ReadOnlySpan<float> query, Span<ScoredOrdinal> hits, OrdinalSet? filter) =>
        Search(query, 1, hits, filter, SearchMode.Scan, CancellationToken.None);

    /// <summary>Learns from a query: finds its neighbours with much effort and links them, for the queries like it to come.</summary>
    /// <param name="query">A unit vector, for instance the embedding of a text that was searched for or of a caption.</param>
    /// <param name="parameters">How much effort; the defaults suit 512 dimensions.</param>
    /// <returns>Edges added; few when the index knew such queries already.</returns>
    /// <remarks>Threads: like a search while it looks for the neighbours, like a writer for the microseconds of linking them.</remarks>
    public int Learn(ReadOnlySpan<float> query, LearningParameters? parameters = null)
    {
        parameters ??= new LearningParameters();
        parameters.ThrowIfInvalid();
        return LearnUnlessKnown(query, parameters, knownAtEf: 0, k: 0)!.Value.Added;
    }

    /// <summary>Learns from a query; null, without linking, when a search of <paramref name="knownAtEf"/> finds its best k already.</summary>
    internal LearnedEdges? LearnUnlessKnown(ReadOnlySpan<float> query, LearningParameters parameters, int knownAtEf, int k)
    {
        Span<ScoredOrdinal> neighbors = stackalloc ScoredOrdinal[parameters.NeighborCount];
        using ReadLease lease = EnterRead();    // what is found keeps its meaning until it is linked
        neighbors = neighbors[..Search(query, parameters.Ef, neighbors).Found];
        if (knownAtEf > 0)
        {
            Span<ScoredOrdinal> easy = stackalloc ScoredOrdinal[Math.Min(k, neighbors.Length)];
            Search(query, knownAtEf, easy);
            if (easy.SequenceEqual(neighbors[..easy.Length]))
            {
                return null;
            }
        }
        lock (_writeLock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _linker.Link(neighbors, parameters.EdgesPerNode);
        }
    }

    /// <summary>Takes out all edges learned from queries.</summary>
    public void ForgetLearned()
    {
        lock (_writeLock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _linker.Forget();
        }
    }

    /// <summary>Looks for vectors that no search can reach and links them again. Also done after removed vectors were cleared away.</summary>
    /// <returns>How many there were.</returns>
    public int RepairReachability()
    {
        lock (_writeLock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _writer.RepairReachability();
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
            capture.AddNumber("writeCount", _writeCount);
            _writer.Capture(capture);
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
                _writer.Dispose();
                _store.Dispose();
            }
        }
    }

    private static HnswIndex OfParameters(SnapshotImage image)
    {
        try
        {
            return new HnswIndex(image.Manifest.Parameters);
        }
        catch (ArgumentException exception)
        {
            throw image.Inconsistent(exception.Message);
        }
    }

    private void Restore(SnapshotImage image)
    {
        _insertCount = (ulong)image.Number("insertCount");
        _writeCount = image.Number("writeCount");
        _writer.Restore(image);
        _liveCount = image.Number("liveCount", 0, _store.SlotCount);
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

    private SearchStatistics Search(
        ReadOnlySpan<float> query, int ef, Span<ScoredOrdinal> hits, OrdinalSet? filter, SearchMode mode,
        CancellationToken cancellationToken)
    {
        VectorMath.ThrowIfNotUnit(query, Dimension);
        if (ef is < 1 or > HnswParameters.MaxEf)
        {
            throw new ArgumentOutOfRangeException(nameof(ef), ef, $"ef is {ef}; must be 1..{HnswParameters.MaxEf}.");
        }
        SearchContext context = _epochs.Enter();
        try
        {
            GraphSnapshot snapshot = _store.Snapshot();
            CodeBook? book = _codes?.Current;    // read after the snapshot: it has at least the snapshot's rows
            CodeSpace codes = book is null ? default : context.SetQuery(book, query);
            SearchRequest request = new(snapshot, hits, ef, filter, Count, cancellationToken)
            {
                Mode = mode,
                DeadCount = _writer.DeadCount,
                Query = query,
                Sketched = book?.Sketch is null ? null : book,
                Codes = codes,
            };
            int found = _parameters.Quantization switch
            {
                VectorQuantization.Sq7 => _searcher.Search(codes, OpenFull(query, context), request, context),
                VectorQuantization.Sq7S16 => _searcher.Search(codes, OpenShorts(query, context), request, context),
                _ => _searcher.Search(OpenFull(query, context), OpenFull(query, context), request, context),
            };
            return new SearchStatistics(found, context.VisitedCount, context.ScoredCount);
        }
        finally
        {
            _epochs.Leave(context);
        }
    }

    private void AddBatch(ReadOnlyMemory<float> rows, Span<int> ordinals, int threads)
    {
        for (int i = 0; i < ordinals.Length; i++)
        {
            ordinals[i] = _writer.Allocate(NextLevel());
        }
        _writer.LinkAll(ordinals.ToArray(), rows, _liveCount, threads);
        CountWrites(ordinals.Length, liveChange: ordinals.Length);
    }

    private FloatSpace OpenFull(ReadOnlySpan<float> query, SearchContext context) =>
        new(_store.Vectors.Rows, context.SetQuery(query), Dimension);

    private ShortSpace OpenShorts(ReadOnlySpan<float> query, SearchContext context) =>
        new(_store.Vectors, context.SetQueryShorts(query, _store.Vectors.ShortsPerRow));

    private void ThrowIfNotUnitRows(ReadOnlySpan<float> unitVectors, int count)
    {
        if (unitVectors.Length != (long)count * Dimension)
        {
            throw new ArgumentException(
                $"unitVectors has {unitVectors.Length} elements; must have {(long)count * Dimension}: {count} rows of {Dimension}.",
                nameof(unitVectors));
        }
        for (int i = 0; i < count; i++)
        {
            VectorMath.ThrowIfNotUnit(unitVectors.Slice(i * Dimension, Dimension), Dimension, $"unitVectors row {i}");
        }
    }

    private void CountWrites(int count, int liveChange)
    {
        Volatile.Write(ref _liveCount, _liveCount + liveChange);
        Interlocked.Add(ref _writeCount, count);
        _writer.StepUpkeep(_liveCount, count);
    }

    // Geometric levels from a counter-based generator: level l with probability M^-l.
    private int NextLevel()
    {
        double uniform = ((SplitMix64.At(_parameters.Seed, ++_insertCount) >> 11) + 1) * (1.0 / (1L << 53));
        return Math.Min(MaxLevel, (int)(-Math.Log(uniform) * _levelScale));
    }
}
