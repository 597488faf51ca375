using ChineseClip.Vectors.Graph;

namespace ChineseClip.Vectors;

/// <summary>Exact search over all vectors: the oracle of the tests, and enough for some thousands of items.</summary>
/// <remarks>Threads: safe, one at a time.  Cost of a search: one dot product an item.</remarks>
public sealed class FlatIndex
{
    private readonly Lock _lock = new();
    private readonly List<float[]?> _vectors = [];
    private readonly Stack<int> _free = new();

    public FlatIndex(int dimension)
    {
        if (dimension is < 1 or > HnswParameters.MaxDimension)
        {
            throw new ArgumentOutOfRangeException(
                nameof(dimension), dimension, $"dimension is {dimension}; must be 1..{HnswParameters.MaxDimension}.");
        }
        Dimension = dimension;
    }

    public int Dimension { get; }

    public int Count => _vectors.Count - _free.Count;

    public long MemoryBytes => (long)Count * Dimension * sizeof(float);

    public int Add(ReadOnlySpan<float> unitVector)
    {
        VectorMath.ThrowIfNotUnit(unitVector, Dimension);
        lock (_lock)
        {
            if (_free.TryPop(out int ordinal))
            {
                _vectors[ordinal] = unitVector.ToArray();
                return ordinal;
            }
            _vectors.Add(unitVector.ToArray());
            return _vectors.Count - 1;
        }
    }

    public bool Remove(int ordinal)
    {
        lock (_lock)
        {
            if (ordinal < 0 || ordinal >= _vectors.Count || _vectors[ordinal] is null)
            {
                return false;
            }
            _vectors[ordinal] = null;
            _free.Push(ordinal);
            return true;
        }
    }

    public void GetVector(int ordinal, Span<float> destination)
    {
        lock (_lock)
        {
            if (ordinal < 0 || ordinal >= _vectors.Count || _vectors[ordinal] is not { } vector)
            {
                throw new ArgumentOutOfRangeException(nameof(ordinal), ordinal, $"ordinal {ordinal} is not in the index.");
            }
            vector.CopyTo(destination);
        }
    }

    /// <summary>The same as <see cref="SearchExact"/>; there is nothing approximate here.</summary>
    public SearchStatistics Search(
        ReadOnlySpan<float> query, int ef, Span<ScoredOrdinal> hits, OrdinalSet? filter = null,
        CancellationToken cancellationToken = default) => SearchExact(query, hits, filter, cancellationToken);

    public unsafe SearchStatistics SearchExact(
        ReadOnlySpan<float> query, Span<ScoredOrdinal> hits, OrdinalSet? filter = null, CancellationToken cancellationToken = default)
    {
        VectorMath.ThrowIfNotUnit(query, Dimension);
        long[] keys = new long[hits.Length + 1];
        int scoredCount = 0;
        lock (_lock)
        {
            fixed (long* memory = keys)
            {
                CandidatePool pool = new(memory, hits.Length);
                for (int ordinal = 0; ordinal < _vectors.Count && hits.Length > 0; ordinal++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (_vectors[ordinal] is { } vector && (filter is null || filter.Contains(ordinal)))
                    {
                        pool.Insert(RankKey.FromScore(VectorMath.Dot(query, vector)), ordinal);
                        scoredCount++;
                    }
                }
                return new SearchStatistics(pool.CopyTo(hits), 0, scoredCount);
            }
        }
    }
}
