using System.Runtime.CompilerServices;

namespace ChineseClip.Vectors.Graph;

/// <summary>Which nodes of some a traversal has not seen yet: a bit a node, so that they stay in the nearest cache.</summary>
/// <remarks>Ownership: the words are the search context's.</remarks>
internal readonly unsafe struct UnseenNodes
{
    private readonly ulong* _words;
    private readonly int _nodeCount;

    private UnseenNodes(ulong* words, int nodeCount)
    {
        _words = words;
        _nodeCount = nodeCount;
    }

    /// <summary>All that match, and all others, without those newer than the traversal.</summary>
    public static (UnseenNodes Matches, UnseenNodes Others) Create(OrdinalSet filter, int slotCount, SearchContext context)
    {
        int wordCount = (slotCount + FilterBits.BitsPerWord - 1) / FilterBits.BitsPerWord;
        ulong* matches = context.Words(2 * wordCount);
        ulong* others = matches + wordCount;
        int filterCount = Math.Min(wordCount, filter.Words.Length);
        filter.Words[..filterCount].CopyTo(new Span<ulong>(matches, filterCount));
        new Span<ulong>(matches + filterCount, wordCount - filterCount).Clear();
        for (int i = 0; i < wordCount; i++)
        {
            others[i] = ~matches[i];
        }
        return (new UnseenNodes(matches, slotCount), new UnseenNodes(others, slotCount));
    }

    /// <summary>Whether the node was one of them; it is none from now on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryTake(int node)
    {
        if ((uint)node >= (uint)_nodeCount)
        {
            return false;
        }
        ulong* word = WordOf(_words, node);
        ulong bit = BitOf(node);
        bool wasUnseen = (*word & bit) != 0;
        *word &= ~bit;
        return wasUnseen;
    }

    /// <summary>Takes those among the nodes of a row (ended by -1 or by its length), behind the others in a list; returns how many are in it.</summary>
    /// <remarks>Few are: most of a row is only looked at. One that stands there twice, as the writer moves it, is taken once.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TakeAll(int* row, int slots, int* nodes, int count)
    {
        int end = count + CopyAll(row, slots, nodes + count);
        for (int i = count; i < end; i++)
        {
            int node = nodes[i];
            ulong* word = WordOf(_words, node);
            nodes[count] = node;
            count += IsIn(*word, node);
            *word &= ~BitOf(node);
        }
        return count;
    }

    /// <summary>Copies those among the nodes of a row; returns how many there are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int CopyAll(int* row, int slots, int* nodes) => CopyAll(_words, _nodeCount, row, slots, nodes);

    // Whether a node is one of them is as good as random, so there is no branch on it: every node is written, and the count moves on only
    // for these. A method of its own, so that everything stays in registers.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static int CopyAll(ulong* words, int nodeCount, int* row, int slots, int* nodes)
    {
        int count = 0;
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
            count += IsIn(*WordOf(words, node), node);
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IsIn(ulong word, int node) => (int)(word >> node) & 1;    // shifts by the lowest six bits

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong* WordOf(ulong* words, int node) => words + ((uint)node / FilterBits.BitsPerWord);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong BitOf(int node) => 1UL << node;
}
