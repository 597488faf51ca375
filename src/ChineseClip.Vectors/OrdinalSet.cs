using System.Numerics;

namespace ChineseClip.Vectors;

/// <summary>A set of ordinals as a bitset: the filter of a search.</summary>
/// <remarks>
/// Threads: any number of readers while nobody writes; a set handed to a search must not change until it returns.
/// Cost: one bit for every ordinal up to the largest one.
/// </remarks>
public sealed class OrdinalSet
{
    private const int BitsPerWord = 64;
    private ulong[] _words;

    public OrdinalSet(int capacity = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        _words = new ulong[WordCount(capacity)];
    }

    public OrdinalSet(IEnumerable<int> ordinals) : this()
    {
        ArgumentNullException.ThrowIfNull(ordinals);
        foreach (int ordinal in ordinals)
        {
            Add(ordinal);
        }
    }

    /// <summary>Number of ordinals in the set.</summary>
    public int Count { get; private set; }

    /// <summary>The bits, lowest ordinal first; ordinals beyond them are not in the set.</summary>
    internal ReadOnlySpan<ulong> Words => _words;

    /// <summary>Adds an ordinal; false when it was there.</summary>
    public bool Add(int ordinal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        int word = ordinal / BitsPerWord;
        if (word >= _words.Length)
        {
            Array.Resize(ref _words, Math.Max(word + 1, Math.Min(_words.Length * 2, WordCount(int.MaxValue))));
        }
        ulong bit = 1UL << (ordinal % BitsPerWord);
        bool added = (_words[word] & bit) == 0;
        _words[word] |= bit;
        Count += added ? 1 : 0;
        return added;
    }

    /// <summary>Removes an ordinal; false when it was not there.</summary>
    public bool Remove(int ordinal)
    {
        if (!Contains(ordinal))
        {
            return false;
        }
        _words[ordinal / BitsPerWord] &= ~(1UL << (ordinal % BitsPerWord));
        Count--;
        return true;
    }

    public bool Contains(int ordinal)
    {
        ulong[] words = _words;
        uint word = (uint)ordinal / BitsPerWord;
        return word < (uint)words.Length && (words[word] >> (ordinal % BitsPerWord) & 1) != 0;
    }

    /// <summary>The smallest member that is at least <paramref name="from"/>, or -1.</summary>
    public int NextAtLeast(int from)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        int word = from / BitsPerWord;
        if (word >= _words.Length)
        {
            return -1;
        }
        ulong rest = _words[word] & (ulong.MaxValue << (from % BitsPerWord));
        while (rest == 0)
        {
            if (++word == _words.Length)
            {
                return -1;
            }
            rest = _words[word];
        }
        return word * BitsPerWord + BitOperations.TrailingZeroCount(rest);
    }

    /// <summary>Keeps what is also in <paramref name="other"/>.</summary>
    public void IntersectWith(OrdinalSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int i = 0; i < _words.Length; i++)
        {
            _words[i] &= i < other._words.Length ? other._words[i] : 0;
        }
        Recount();
    }

    /// <summary>Adds everything in <paramref name="other"/>.</summary>
    public void UnionWith(OrdinalSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._words.Length > _words.Length)
        {
            Array.Resize(ref _words, other._words.Length);
        }
        for (int i = 0; i < other._words.Length; i++)
        {
            _words[i] |= other._words[i];
        }
        Recount();
    }

    /// <summary>Removes everything in <paramref name="other"/>.</summary>
    public void ExceptWith(OrdinalSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int i = 0; i < Math.Min(_words.Length, other._words.Length); i++)
        {
            _words[i] &= ~other._words[i];
        }
        Recount();
    }

    public void Clear()
    {
        Array.Clear(_words);
        Count = 0;
    }

    private static int WordCount(int bits) => (int)(((long)bits + BitsPerWord - 1) / BitsPerWord);

    private void Recount()
    {
        int count = 0;
        foreach (ulong word in _words)
        {
            count += BitOperations.PopCount(word);
        }
        Count = count;
    }
}
