namespace ChineseClip.Vectors.Graph;

/// <summary>Ties the true neighbours of a query together by extra edges: the next query like it that finds one finds them all.</summary>
/// <remarks>
/// Text queries lie outside the distribution of the indexed pictures: their neighbours are no neighbours of each other, and a graph
/// of pictures alone needs many times the effort for them. A star around the best one and a chain in order of score, both ways,
/// at most <see cref="GraphStore.ExtraSlots"/> extra edges a node. In the manner of RoarGraph (arXiv 2408.08933) and NGFix
/// (arXiv 2510.22316). Used by the writer only.
/// </remarks>
internal sealed class QueryLinker(GraphStore store)
{
    /// <summary>Returns how many edges were added.</summary>
    public int Link(ReadOnlySpan<ScoredOrdinal> neighbors)
    {
        int added = 0;
        for (int i = 1; i < neighbors.Length; i++)
        {
            added += LinkBoth(neighbors[i - 1].Ordinal, neighbors[i].Ordinal);
        }
        for (int i = 2; i < neighbors.Length; i++)
        {
            added += LinkBoth(neighbors[0].Ordinal, neighbors[i].Ordinal);
        }
        return added;
    }

    private int LinkBoth(int left, int right)
    {
        if (store.State(left) != NodeState.Live || store.State(right) != NodeState.Live)
        {
            return 0;
        }
        return (store.TryAddExtraEdge(left, right) ? 1 : 0) + (store.TryAddExtraEdge(right, left) ? 1 : 0);
    }
}
