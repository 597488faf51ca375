using System.Runtime.CompilerServices;

namespace ChineseClip.Vectors.Graph;

/// <summary>The best candidates of a search as one flat sorted array of <see cref="RankKey"/>s.</summary>
/// <remarks>
/// Plays the roles of both heaps of the paper: the candidates are the keys without the expanded bit, the results are all keys.
/// An insert is a binary search and a short move, which beats heaps up to several hundred entries.
/// Ownership: the memory is the search context's.
/// </remarks>
internal unsafe struct CandidatePool(long* keys, int capacity)
{
    private readonly long* _keys = keys;
    private readonly int _capacity = capacity;
    private int _count;
    private int _next;

    public readonly int Count => _count;

    public readonly ReadOnlySpan<long> Keys => new(_keys, _count);

    /// <summary>Marks the best candidate not yet expanded and hands it out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTakeBest(out int ordinal)
    {
        while (_next < _count)
        {
            long key = _keys[_next];
            if ((key & RankKey.Expanded) == 0)
            {
                _keys[_next++] = key | RankKey.Expanded;
                ordinal = RankKey.Ordinal(key);
                return true;
            }
            _next++;
        }
        ordinal = -1;
        return false;
    }

    /// <summary>The candidate that would be taken next, or -1: what to prefetch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int PeekNext() => _next < _count ? RankKey.Ordinal(_keys[_next]) : -1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Insert(int rank, int ordinal)
    {
        long key = RankKey.Create(rank, ordinal);
        if (_count < _capacity)
        {
            _count++;
        }
        else if (key >= _keys[_count - 1])
        {
            return;
        }
        int position = InsertSorted(_keys, _count, key);
        _next = Math.Min(_next, position);
    }

    /// <summary>Writes the best as hits; only for pools whose ranks are <see cref="RankKey.FromScore"/>.</summary>
    public readonly int CopyTo(Span<ScoredOrdinal> hits)
    {
        int count = Math.Min(_count, hits.Length);
        for (int i = 0; i < count; i++)
        {
            hits[i] = new ScoredOrdinal(RankKey.Ordinal(_keys[i]), RankKey.ToScore(RankKey.Rank(_keys[i])));
        }
        return count;
    }

    // The last place is free, or holds what drops out. Static, so that the struct can stay in registers.
    private static int InsertSorted(long* keys, int count, long key)
    {
        int low = 0;
        int high = count - 1;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (keys[middle] < key)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        new ReadOnlySpan<long>(keys + low, count - 1 - low).CopyTo(new Span<long>(keys + low + 1, count - 1 - low));
        keys[low] = key;
        return low;
    }
}
