using System.Runtime.InteropServices;

namespace ChineseClip.Vectors.Graph;

/// <summary>Links a slot into the graph (Malkov and Yashunin, Algorithm 1).</summary>
/// <remarks>
/// Threads: several builders may <see cref="Link"/> into one store at the same time; each is used by one thread. A slot that is being
/// linked is not seen by the others until its edges are written; from then on its row, as those of its neighbours, changes only
/// under the lock of the row. <see cref="ReplaceVictims"/> and <see cref="Reconnect"/> are for the one writer, alone.
/// </remarks>
internal sealed unsafe class GraphBuilder(GraphStore store, int efConstruction)
{
    private const int MostGrowth = 2;
    private const float RepairSlack = 1.05f;

    private readonly List<Neighbor> _candidates = [];
    private readonly List<(int Level, int Ordinal)> _chosen = [];

    /// <summary>Links a slot whose vector is written and makes it live.</summary>
    /// <param name="space">Its query is the vector of the slot.</param>
    /// <param name="ordinal">The slot.</param>
    /// <param name="context">Working memory.</param>
    public void Link<TSpace>(TSpace space, int ordinal, SearchContext context) where TSpace : struct, IVectorSpace
    {
        int level = store.Node(ordinal).Level;
        GraphSnapshot snapshot = store.Snapshot();
        int entryLevel = snapshot.EntryLevel;
        bool connected = false;
        if (snapshot.Entry >= 0)
        {
            // Step 1: greedy descent to the node's top level.
            int start = LayerTraversal.Descend(store, space, snapshot, level, context);
            // Step 2: choose neighbours on every level from there down; nobody sees these rows yet.
            for (int l = Math.Min(level, entryLevel); l >= 0; l--)
            {
                start = Choose(space, ordinal, l, start, context);
            }
            connected = !store.GraphEdges(ordinal, 0).IsEmpty;
        }
        CopyChosen(ordinal, Math.Min(level, entryLevel));
        // Step 3: publish. The fence orders all of the above before the first edge to the slot.
        Thread.MemoryBarrier();
        store.SetState(ordinal, NodeState.Live);
        foreach ((int l, int neighbor) in _chosen)
        {
            using RowLocks.Holder row = store.LockRow(neighbor);
            AddBackEdge(space, neighbor, ordinal, l);
        }
        KeepReachable(ordinal);
        if (level > entryLevel || !connected)
        {
            store.Entry = (ordinal, level);
        }
    }

    // Pruning may leave a node without an edge to it: each node keeps one from a node that it leads to, so that a search gets there
    // that got near.
    private void KeepReachable(int ordinal)
    {
        if (HasWayIn(ordinal))
        {
            return;
        }
        foreach ((int level, int neighbor) in _chosen)
        {
            using RowLocks.Holder row = store.LockRow(neighbor);
            if (level == 0 && store.TryPinEdge(neighbor, ordinal))
            {
                return;
            }
        }
    }

    private bool HasWayIn(int ordinal)
    {
        foreach (int neighbor in store.GraphEdges(ordinal, 0))
        {
            if (neighbor >= 0 && store.LastingEdges(neighbor).Contains(ordinal))    // -1: another builder shortens the row
            {
                return true;
            }
        }
        return false;
    }

    // With the first edge back to the slot others may change its rows.
    private void CopyChosen(int ordinal, int topLevel)
    {
        _chosen.Clear();
        for (int l = 0; l <= topLevel; l++)
        {
            foreach (int neighbor in store.GraphEdges(ordinal, l))
            {
                _chosen.Add((l, neighbor));
            }
        }
    }

    // Writes the node's row of one level; returns the nearest node, where the next level starts.
    private int Choose<TSpace>(TSpace space, int ordinal, int level, int start, SearchContext context)
        where TSpace : struct, IVectorSpace
    {
        CandidatePool pool = context.OpenPool(efConstruction);
        VisitedTags.View tags = context.Tags.Begin(store.SlotCount);
        tags.TryMark(ordinal);
        if (level == 0)
        {
            Fill(ref pool, space, new BaseNeighborhood(store.BaseRows, store.BaseRowSlots, tags), start, context);
        }
        else
        {
            Fill(ref pool, space, new UpperNeighborhood(store, level, tags), start, context);
        }
        _candidates.Clear();
        foreach (long key in pool.Keys)
        {
            AddLiveCandidate(space, ordinal, RankKey.Ordinal(key));
        }
        if (_candidates.Count == 0 && level == 0)
        {
            AddNearestLive(space, ordinal, context);
        }
        _candidates.Sort();
        WriteSelected(space, ordinal, level, store.M);
        return RankKey.Ordinal(pool.Keys[0]);
    }

    private static void Fill<TSpace, TNeighborhood>(
        ref CandidatePool pool, TSpace space, TNeighborhood neighborhood, int start, SearchContext context)
        where TSpace : struct, IVectorSpace
        where TNeighborhood : struct, INeighborhood
    {
        LayerTraversal.AddStart(ref pool, space, neighborhood, start, context);
        LayerTraversal.Fill(ref pool, space, neighborhood, context);
    }

    // The traversal met only removed nodes: live ones are searched for one by one.
    private void AddNearestLive<TSpace>(TSpace space, int ordinal, SearchContext context) where TSpace : struct, IVectorSpace
    {
        CandidatePool nearest = context.OpenResults(store.M);
        for (int other = 0; other < store.SlotCount; other++)
        {
            if (store.State(other) == NodeState.Live)
            {
                nearest.Insert(space.Rank(other), other);
            }
        }
        foreach (long key in nearest.Keys)
        {
            AddLiveCandidate(space, ordinal, RankKey.Ordinal(key));
        }
    }

    private void AddBackEdge<TSpace>(TSpace space, int from, int to, int level) where TSpace : struct, IVectorSpace
    {
        ReadOnlySpan<int> edges = store.GraphEdges(from, level);
        if (edges.Contains(to))    // chosen by a slot that was linked at the same time
        {
            return;
        }
        if (edges.Length < store.Capacity(level))
        {
            Span<int> longer = stackalloc int[edges.Length + 1];
            edges.CopyTo(longer);
            longer[^1] = to;
            store.SetGraphEdges(from, level, longer);
            return;
        }
        _candidates.Clear();
        foreach (int edge in edges)
        {
            AddLiveCandidate(space, from, edge);
        }
        AddLiveCandidate(space, from, to);
        _candidates.Sort();
        WriteSelected(space, from, level, store.Capacity(level));
        if (level == 0)
        {
            PinDropped(from, to);
        }
    }

    // Those that lost the last edge to them, but for the new one: it has more edges to come.
    private void PinDropped(int from, int newcomer)
    {
        ReadOnlySpan<int> edges = store.GraphEdges(from, 0);
        foreach (Neighbor candidate in _candidates)
        {
            if (candidate.Ordinal != newcomer && !edges.Contains(candidate.Ordinal) && !HasWayIn(candidate.Ordinal))
            {
                store.TryPinEdge(from, candidate.Ordinal);
            }
        }
    }

    /// <summary>Replaces edges to victims by edges to the neighbours of those victims; the others stay.</summary>
    public void ReplaceVictims<TSpace>(TSpace space, int ordinal, int level) where TSpace : struct, IVectorSpace
    {
        ReadOnlySpan<int> edges = store.GraphEdges(ordinal, level);
        // With each removed node the graph loses its edges: a row that led to one may grow, or the graph would thin out.
        int places = level == 0 ? Math.Min(edges.Length + MostGrowth, store.Capacity(0)) : edges.Length;
        Span<int> chosen = stackalloc int[places];
        int kept = 0;
        _candidates.Clear();
        foreach (int edge in edges)
        {
            if (store.State(edge) != NodeState.Victim)
            {
                chosen[kept++] = edge;
                continue;
            }
            foreach (int next in store.GraphEdges(edge, level))
            {
                if (!edges.Contains(next))
                {
                    AddLiveCandidate(space, ordinal, next);
                }
            }
        }
        if (kept < edges.Length)
        {
            _candidates.Sort();
            RemoveDuplicates();
            // What is left of a row that grew by edges back is not diverse: by the strict rule too few would be added.
            int count = NeighborSelection.Extend(space, CollectionsMarshal.AsSpan(_candidates), chosen, kept, RepairSlack);
            store.SetGraphEdges(ordinal, level, chosen[..count]);
        }
    }

    /// <summary>Leads to a node from the nearest reachable one, by a pinned edge, which no later pruning takes away.</summary>
    /// <param name="space">Its query is the vector of the node.</param>
    /// <param name="ordinal">A live node that no search reaches.</param>
    /// <param name="context">Working memory.</param>
    public void Reconnect<TSpace>(TSpace space, int ordinal, SearchContext context) where TSpace : struct, IVectorSpace
    {
        GraphSnapshot snapshot = store.Snapshot();
        CandidatePool pool = context.OpenPool(efConstruction);
        VisitedTags.View tags = context.Tags.Begin(snapshot.SlotCount);
        // From the entry, not from where the levels above lead: that may be what level 0 does not reach.
        Fill(ref pool, space, new LastingNeighborhood(store, tags), snapshot.Entry, context);
        foreach (long key in pool.Keys)
        {
            int from = RankKey.Ordinal(key);
            if (store.State(from) == NodeState.Live && from != ordinal && store.TryPinEdge(from, ordinal))
            {
                return;
            }
        }
    }

    private void AddLiveCandidate<TSpace>(TSpace space, int ordinal, int candidate) where TSpace : struct, IVectorSpace
    {
        if (candidate != ordinal && store.State(candidate) == NodeState.Live)
        {
            _candidates.Add(new Neighbor(space.Distance(ordinal, candidate), candidate));
        }
    }

    private void RemoveDuplicates()
    {
        int kept = 0;
        for (int i = 0; i < _candidates.Count; i++)
        {
            if (kept == 0 || _candidates[kept - 1] != _candidates[i])
            {
                _candidates[kept++] = _candidates[i];
            }
        }
        _candidates.RemoveRange(kept, _candidates.Count - kept);
    }

    private void WriteSelected<TSpace>(TSpace space, int ordinal, int level, int atMost) where TSpace : struct, IVectorSpace
    {
        Span<int> chosen = stackalloc int[atMost];
        int count = NeighborSelection.Select(
            space, CollectionsMarshal.AsSpan(_candidates), chosen);
        store.SetGraphEdges(ordinal, level, chosen[..count]);
    }
}
