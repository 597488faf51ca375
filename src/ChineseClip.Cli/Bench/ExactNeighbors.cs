using ChineseClip.Vectors;

namespace ChineseClip.Cli.Bench;

/// <summary>The true neighbours, by comparing every query with every vector, on all cores.</summary>
/// <remarks>Cost: one pass over the vectors for each block of queries; a block of vectors stays in the cache for all of these.</remarks>
internal static class ExactNeighbors
{
    private const int QueriesPerBlock = 64;
    private const int VectorsPerBlock = 256;

    /// <summary>For each query the k best rows, best first; -1 where fewer match.</summary>
    public static VectorRows<int> Find(VectorRows<float> vectors, VectorRows<float> queries, int k, OrdinalSet? filter = null)
    {
        VectorRows<int> neighbors = new(new int[checked(queries.Count * k)], k);
        Parallel.For(0, (queries.Count + QueriesPerBlock - 1) / QueriesPerBlock, block =>
        {
            int first = block * QueriesPerBlock;
            int count = Math.Min(QueriesPerBlock, queries.Count - first);
            Best[] best = [.. Enumerable.Range(0, count).Select(_ => new Best(k))];
            for (int start = 0; start < vectors.Count; start += VectorsPerBlock)
            {
                int end = Math.Min(start + VectorsPerBlock, vectors.Count);
                for (int q = 0; q < count; q++)
                {
                    ReadOnlySpan<float> query = queries[first + q];
                    for (int row = start; row < end; row++)
                    {
                        if (filter is null || filter.Contains(row))
                        {
                            best[q].Add(new ScoredOrdinal(row, VectorMath.Dot(query, vectors[row])));
                        }
                    }
                }
            }
            for (int q = 0; q < count; q++)
            {
                best[q].CopyTo(neighbors.Row(first + q));
            }
        });
        return neighbors;
    }

    /// <summary>The k best of what was added, sorted.</summary>
    private sealed class Best(int k)
    {
        private readonly ScoredOrdinal[] _hits = new ScoredOrdinal[k];
        private int _count;

        public void Add(ScoredOrdinal hit)
        {
            if (_count == _hits.Length && hit > _hits[^1])
            {
                return;
            }
            int place = _count < _hits.Length ? _count++ : _count - 1;
            for (; place > 0 && hit < _hits[place - 1]; place--)
            {
                _hits[place] = _hits[place - 1];
            }
            _hits[place] = hit;
        }

        public void CopyTo(Span<int> ordinals)
        {
            for (int i = 0; i < ordinals.Length; i++)
            {
                ordinals[i] = i < _count ? _hits[i].Ordinal : -1;
            }
        }
    }
}
