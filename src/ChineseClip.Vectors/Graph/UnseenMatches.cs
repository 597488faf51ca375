using System.Runtime.CompilerServices;

namespace ChineseClip.Vectors.Graph;

/// <summary>Which nodes match a filter and were not seen by a traversal: a bit a node, so that they stay in the nearest cache.</summary>
/// <remarks>Ownership: the words are the search context's.</remarks>
internal readonly unsafe struct UnseenMatches
{
    private readonly ulong* _words;
    private readonly int _nodeCount;

    private UnseenMatches(ulong* words, int nodeCount)
    {
        _words = words;
        _nodeCount = nodeCount;
    }

    /// <summary>All that match, without those newer than the traversal.</summary>
    public static UnseenMatches Create(OrdinalSet filter, int slotCount, SearchContext context)
    {
        int nodeCount = (int)Math.Min(slotCount, (long)filter.Words.Length * FilterBits.BitsPerWord);
        int wordCount = (nodeCount + FilterBits.BitsPerWord - 1) / FilterBits.BitsPerWord;
        ulong* words = context.Words(wordCount);
        filter.Words[..wordCount].CopyTo(new Span<ulong>(words, wordCount));
        return new UnseenMatches(words, nodeCount);
    }

    /// <summary>Whether the node was one of them; it is none from now on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(int node)
    {
        if ((uint)node >= (uint)_nodeCount)
        {
            return false;
        }
        ulong bit = 1UL << (node & (FilterBits.BitsPerWord - 1));
        ulong word = _words[(uint)node / FilterBits.BitsPerWord];
        _words[(uint)node / FilterBits.BitsPerWord] = word & ~bit;
        return (word & bit) != 0;
    }

    /// <summary>Takes those among the nodes of a row (ended by -1 or by its length), behind the others in a list; returns how many are in it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TakeAll(int* row, int slots, int* nodes, int count)
    {
        int found = Find(_words, _nodeCount, row, slots, nodes, count);
        int taken = count;
        for (int i = count; i < found; i++)
        {
            int node = nodes[i];
            nodes[taken] = node;
            taken += TryTake(node) ? 1 : 0;    // one that the writer made appear twice is taken once
        }
        return taken;
    }

    // Whether a node is one of them is as good as random, so there is no branch on it: every node is written, and the count moves on only
    // for these. A method of its own, so that everything stays in registers.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static int Find(ulong* words, int nodeCount, int* row, int slots, int* nodes, int count)
    {
        for (int i = 0; i < slots; i++)
        {
            int node = Volatile.Read(ref row[i]);    // read once: the writer may change it
            if ((uint)node >= (uint)nodeCount)
            {
                if (node < 0)
                {
                    break;
                }
                continue;
            }
            nodes[count] = node;
            count += (int)(words[(uint)node / FilterBits.BitsPerWord] >> (node & (FilterBits.BitsPerWord - 1))) & 1;
        }
        return count;
    }
}
