using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ChineseClip.Vectors.Graph;

/// <summary>The best candidates of a search as one flat sorted array of <see cref="RankKey"/>s.</summary>
/// <remarks>
/// Plays the roles of both heaps of the paper: the candidates are the keys without the expanded bit, the results are all keys.
/// An insert is a binary search and a short move, which beats heaps up to several hundred entries.
/// Ownership: the memory is the search context's.
/// </remarks>
internal unsafe struct CandidatePool(long* keys, int capacity)
{
    private const int KeysCountedAtOnce = 32;
    private readonly long* _keys = keys;
    private readonly int _capacity = capacity;
    private int _count;
    private int _next;

    public readonly int Count => _count;

    public readonly ReadOnlySpan<long> Keys => new(_keys, _count);

    /// <summary>What a key must be below to enter.</summary>
    public readonly long Limit => _count < _capacity ? long.MaxValue : _keys[_count - 1];

    /// <summary>Marks the best candidate not yet expanded and hands it out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTakeBest(out int ordinal)
    {
        _next = FirstCandidate(_next);
        if (_next < _count)
        {
            long key = _keys[_next];
            _keys[_next++] = key | RankKey.Expanded;
            ordinal = RankKey.Ordinal(key);
            return true;
        }
        ordinal = -1;
        return false;
    }

    /// <summary>The key that was taken last.</summary>
    public readonly long LastTaken
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _keys[_next - 1];
    }

    /// <summary>Whether at least so many candidates are better than a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool IsBetter(int count, long key) => _count >= count && _keys[count - 1] < key;

    /// <summary>The rank at a place less a margin; the lowest of all when the pool has no such place yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int RankAt(int place, int margin) => place < _count ? RankKey.Rank(_keys[place]) - margin : int.MinValue;

    /// <summary>The key at a place, whether it was expanded or not; the highest of all when the pool has no such place yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long KeyAt(int place) => place < _count ? _keys[place] & ~RankKey.Expanded : long.MaxValue;

    /// <summary>Whether <see cref="Insert(int, int)"/> would keep the candidate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly bool Admits(int rank, int ordinal) => _count < _capacity || RankKey.Create(rank, ordinal) < _keys[_count - 1];

    /// <summary>The candidate that would be taken next, or -1: what to prefetch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int PeekNext() => OrdinalAt(FirstCandidate(_next));

    /// <summary>The key of that candidate; the highest of all when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly long PeekNextKey()
    {
        int position = FirstCandidate(_next);
        return position < _count ? _keys[position] : long.MaxValue;
    }

    /// <summary>The candidate that would be taken after the next, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int PeekAfterNext() => OrdinalAt(FirstCandidate(FirstCandidate(_next) + 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Insert(int rank, int ordinal) => Insert(RankKey.Create(rank, ordinal));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Insert(long key)
    {
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int FirstCandidate(int position)
    {
        while (position < _count && (_keys[position] & RankKey.Expanded) != 0)
        {
            position++;
        }
        return position;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int OrdinalAt(int position) => position < _count ? RankKey.Ordinal(_keys[position]) : -1;

    // The last place is free, or holds what drops out. Static, so that the struct can stay in registers. Where a key belongs is as
    // good as random, so there is no branch on comparisons: halving by masks, then counting smaller keys eight at a time.
    private static int InsertSorted(long* keys, int count, long key)
    {
        int low = 0;
        int length = count - 1;
        while (length > KeysCountedAtOnce)
        {
            int half = length >> 1;
            long isSmaller = (keys[low + half] - key) >> 63;    // -1 or 0; ranks of unit vectors cannot overflow
            low += (half + 1) & (int)isSmaller;
            length = (half & ~(int)isSmaller) | ((length - half - 1) & (int)isSmaller);
        }
        low += CountSmaller(keys + low, length, key);
        new ReadOnlySpan<long>(keys + low, count - 1 - low).CopyTo(new Span<long>(keys + low + 1, count - 1 - low));
        keys[low] = key;
        return low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int CountSmaller(long* keys, int count, long key)
    {
        int smaller = 0;
        int i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<long> wanted = Vector512.Create(key);
            for (; i <= count - Vector512<long>.Count; i += Vector512<long>.Count)
            {
                ulong mask = Vector512.LessThan(Vector512.Load(keys + i), wanted).ExtractMostSignificantBits();
                smaller += BitOperations.PopCount(mask);
            }
        }
        for (; i < count; i++)
        {
            smaller -= (int)((keys[i] - key) >> 63);
        }
        return smaller;
    }
}
