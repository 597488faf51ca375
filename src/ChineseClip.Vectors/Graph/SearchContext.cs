using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Quantization;

namespace ChineseClip.Vectors.Graph;

/// <summary>The working memory of one search or insert. Pooled, so that a search allocates nothing.</summary>
internal sealed unsafe class SearchContext : IDisposable
{
    private readonly NativeBuffer<long> _pool = new();
    private readonly NativeBuffer<long> _frontier = new();
    private readonly NativeBuffer<long> _results = new();
    private readonly NativeBuffer<int> _unvisited = new();
    private readonly NativeBuffer<int> _estimates = new();
    private readonly NativeBuffer<ulong> _words = new();
    private readonly NativeBuffer<long> _offered = new();
    private readonly NativeBuffer<long> _chosen = new();
    private readonly NativeBuffer<float> _query = new();
    private readonly NativeBuffer<sbyte> _queryCodes = new();
    private readonly NativeBuffer<short> _queryShorts = new();
    private readonly NativeBuffer<sbyte> _sketchWeights = new();
    private readonly NativeBuffer<long> _starts = new();
    private SketchSpace? _sketches;
    private long _activeEpoch;

    public VisitedTags Tags { get; } = new();

    /// <summary>The epoch in which the present use began; 0 while idle.</summary>
    public long ActiveEpoch => Volatile.Read(ref _activeEpoch);

    public int VisitedCount { get; set; }

    public int ScoredCount { get; set; }

    public CandidatePool OpenPool(int capacity) => new(_pool.Reserve(capacity), capacity);

    /// <summary>For the way to what is kept in the pool.</summary>
    public CandidatePool OpenFrontier(int capacity) => new(_frontier.Reserve(capacity), capacity);

    public CandidatePool OpenResults(int capacity) => new(_results.Reserve(capacity), capacity);

    /// <summary>For where a search starts.</summary>
    public CandidatePool OpenStarts(int capacity) => new(_starts.Reserve(capacity), capacity);

    public int* Unvisited(int slots) => _unvisited.Reserve(slots);

    public int* Estimates(int count) => _estimates.Reserve(count);

    public ulong* Words(int count) => _words.Reserve(count);

    public long* Offered(int count) => _offered.Reserve(count);

    public Span<long> Chosen(int count) => new(_chosen.Reserve(count), count);

    /// <summary>Copies the first of some keys; valid until the next <see cref="Chosen"/>.</summary>
    public ReadOnlySpan<long> Keep(ReadOnlySpan<long> keys, int most)
    {
        Span<long> kept = Chosen(Math.Min(keys.Length, most));
        keys[..kept.Length].CopyTo(kept);
        return kept;
    }

    public float* SetQuery(ReadOnlySpan<float> query)
    {
        float* copy = _query.Reserve(query.Length);
        query.CopyTo(new Span<float>(copy, query.Length));
        return copy;
    }

    /// <summary>Makes a vector the query of a space of codes.</summary>
    public CodeSpace SetQuery(CodeBook book, ReadOnlySpan<float> query)
    {
        sbyte* codes = _queryCodes.Reserve(book.RowBytes);
        float scale = ScalarQuantizer.EncodeQuery(query, new Span<sbyte>(codes, book.RowBytes));
        _sketches = null;
        return new CodeSpace(book, codes, 1 / (scale * book.Scale));
    }

    /// <summary>The sketches beside codes, for the query set last; it is encoded the first time.</summary>
    public SketchSpace OpenSketches(CodeBook book, CodeSpace codes) => _sketches ??= EncodeForSketches(book, codes);

    public short* SetQueryShorts(ReadOnlySpan<float> query, int shortsPerRow)
    {
        short* shorts = _queryShorts.Reserve(shortsPerRow);
        ShortQuantizer.Encode(query, new Span<short>(shorts, shortsPerRow));
        return shorts;
    }

    /// <summary>Makes a vector of the index the query.</summary>
    public float* LoadQuery(GraphStore store, int ordinal)
    {
        float* query = _query.Reserve(store.Dimension);
        store.Vectors.CopyTo(ordinal, new Span<float>(query, store.Dimension));
        return query;
    }

    /// <summary>The full fence makes this visible before anything of the graph is read.</summary>
    public void Enter(long epoch)
    {
        Interlocked.Exchange(ref _activeEpoch, epoch);
        VisitedCount = 0;
        ScoredCount = 0;
    }

    public void Leave() => Volatile.Write(ref _activeEpoch, 0);

    public void Dispose()
    {
        _pool.Dispose();
        _frontier.Dispose();
        _results.Dispose();
        _unvisited.Dispose();
        _estimates.Dispose();
        _words.Dispose();
        _offered.Dispose();
        _chosen.Dispose();
        _query.Dispose();
        _queryCodes.Dispose();
        _queryShorts.Dispose();
        _sketchWeights.Dispose();
        _starts.Dispose();
        Tags.Dispose();
    }

    private SketchSpace EncodeForSketches(CodeBook book, CodeSpace codes)
    {
        sbyte* weights = _sketchWeights.Reserve(SketchKernel.WeightCount);
        int centre = codes.CentreRank;
        SketchQuery query = book.Sketch!.EncodeQuery(codes.Query, centre, weights);
        return new SketchSpace(book.SketchRows, query, weights, book.Scale, centre);
    }
}
