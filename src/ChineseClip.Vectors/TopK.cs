namespace ChineseClip.Vectors;

/// <summary>Merging of the hits of several shards.</summary>
public static class TopK
{
    /// <summary>The best of several lists, each sorted, as one sorted list.</summary>
    /// <param name="lists">Each sorted by <paramref name="comparer"/>, best first.</param>
    /// <param name="k">How many to keep at most.</param>
    /// <param name="comparer">Best first; a total order makes the result independent of the order of the lists.</param>
    /// <remarks>Cost: O(k · lists): shards are few.</remarks>
    public static T[] Merge<T>(IReadOnlyList<IReadOnlyList<T>> lists, int k, IComparer<T>? comparer = null)
    {
        ArgumentNullException.ThrowIfNull(lists);
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        comparer ??= Comparer<T>.Default;
        long available = 0;
        foreach (IReadOnlyList<T> list in lists)
        {
            available += list.Count;
        }
        T[] merged = new T[(int)Math.Min(k, available)];
        int[] heads = new int[lists.Count];
        for (int i = 0; i < merged.Length; i++)
        {
            int best = BestHead(lists, heads, comparer);
            merged[i] = lists[best][heads[best]++];
        }
        return merged;
    }

    private static int BestHead<T>(IReadOnlyList<IReadOnlyList<T>> lists, int[] heads, IComparer<T> comparer)
    {
        int best = -1;
        for (int list = 0; list < heads.Length; list++)
        {
            if (heads[list] < lists[list].Count
                && (best < 0 || comparer.Compare(lists[list][heads[list]], lists[best][heads[best]]) < 0))
            {
                best = list;
            }
        }
        return best;
    }
}
