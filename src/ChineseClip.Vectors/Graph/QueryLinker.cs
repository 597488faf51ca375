namespace ChineseClip.Vectors.Graph;

/// <summary>Ties the true neighbours of a query together by extra edges: the next query like it that finds one finds them all.</summary>
/// <remarks>
/// Text queries lie outside the distribution of the indexed pictures: their neighbours are no neighbours of each other, and a graph
/// of pictures alone needs many times the effort for them. A star around the best one and a chain in order of score, both ways; a
/// node whose budget is used up gives its oldest learned edge for a new one. In the manner of RoarGraph (arXiv 2408.08933) and NGFix
/// (arXiv 2510.22316). Used by the writer only.
/// </remarks>
internal sealed class QueryLinker(GraphStore store)
{
    public LearnedEdges Link(ReadOnlySpan<ScoredOrdinal> neighbors, int edgesPerNode)
    {
        LearnedEdges edges = default;
        for (int i = 1; i < neighbors.Length; i++)
        {
            edges += LinkBoth(neighbors[i - 1].Ordinal, neighbors[i].Ordinal, edgesPerNode);
        }
        for (int i = 2; i < neighbors.Length; i++)
        {
            edges += LinkBoth(neighbors[0].Ordinal, neighbors[i].Ordinal, edgesPerNode);
        }
        return edges;
    }

    /// <summary>Takes all learned edges out.</summary>
    public void Forget()
    {
        Span<int> kept = stackalloc int[GraphStore.ExtraSlots];
        for (int ordinal = 0; ordinal < store.SlotCount; ordinal++)
        {
            int pinned = store.Node(ordinal).PinnedEdgeCount;
            if (store.State(ordinal) != NodeState.Free && store.ExtraEdges(ordinal).Length > pinned)
            {
                store.ExtraEdges(ordinal)[..pinned].CopyTo(kept);
                store.SetExtraEdges(ordinal, kept[..pinned], pinned);
            }
        }
    }

    private LearnedEdges LinkBoth(int left, int right, int edgesPerNode)
    {
        if (store.State(left) != NodeState.Live || store.State(right) != NodeState.Live)
        {
            return default;
        }
        return LearnedEdges.From(store.AddLearnedEdge(left, right, edgesPerNode))
            + LearnedEdges.From(store.AddLearnedEdge(right, left, edgesPerNode));
    }
}

/// <summary>How many edges learning from a query wrote, and how many of these took the place of an older one.</summary>
internal readonly record struct LearnedEdges(int Added, int Replaced)
{
    public static LearnedEdges From(EdgeChange change) =>
        new(change == EdgeChange.None ? 0 : 1, change == EdgeChange.Replaced ? 1 : 0);

    public static LearnedEdges operator +(LearnedEdges left, LearnedEdges right) =>
        new(left.Added + right.Added, left.Replaced + right.Replaced);
}
