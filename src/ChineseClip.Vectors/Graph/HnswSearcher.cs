namespace ChineseClip.Vectors.Graph;

/// <summary>One question to the index: which hits, among which items, at what effort.</summary>
internal readonly ref struct SearchRequest(
    GraphSnapshot snapshot, Span<ScoredOrdinal> hits, int ef, OrdinalSet? filter, int liveCount,
    CancellationToken cancellationToken)
{
    public GraphSnapshot Snapshot { get; } = snapshot;

    public Span<ScoredOrdinal> Hits { get; } = hits;

    public int Ef { get; } = Math.Max(ef, hits.Length);

    public OrdinalSet? Filter { get; } = filter;

    /// <summary>At most this many items can be returned.</summary>
    public int MatchCount { get; } = Math.Min(liveCount, filter?.Count ?? int.MaxValue);

    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>Leave out the edges learned from queries.</summary>
    public bool WithoutLearned { get; init; }
}

/// <summary>Answers one query: walks the graph or scans, then compares the best candidates by their full vectors.</summary>
/// <remarks>
/// Steps: (1) descend to level 0; (2) fill a pool with the nearest nodes by their rank in <c>TSpace</c>; (3) rerank the best live
/// and matching ones; (4) if fewer than k came of it although more match, try the next <see cref="SearchPlan"/>, in the end a scan.
/// Threads: safe; all memory is the context's.
/// </remarks>
internal sealed unsafe class HnswSearcher(GraphStore store)
{
    private const int SeedCount = 8;
    private const int ScanBlock = 256;
    private const int MinReranked = 32;
    private const int RerankPrefetchAhead = 2;

    public int Search<TSpace, TFull>(TSpace space, TFull full, SearchRequest request, SearchContext context)
        where TSpace : struct, IVectorSpace
        where TFull : struct, IVectorSpace
    {
        if (request.Hits.IsEmpty)
        {
            return 0;
        }
        int wanted = Math.Min(request.Hits.Length, request.MatchCount);
        int found = 0;
        for (SearchPlan plan = SearchPlan.Create(request); found < wanted && !plan.Scan; plan = plan.Next(request))
        {
            found = Rerank(FillPool(space, plan, request, context), full, request, context);
        }
        if (found < wanted)
        {
            found = Rerank(Scan(space, Math.Max(request.Ef, 2 * request.Hits.Length), request, context), full, request, context);
        }
        return found;
    }

    /// <summary>Ranks every live and matching row, a block at a time.</summary>
    public CandidatePool Scan<TSpace>(TSpace space, int poolSize, SearchRequest request, SearchContext context)
        where TSpace : struct, IVectorSpace
    {
        CandidatePool pool = context.OpenPool(poolSize);
        int* block = context.Unvisited(ScanBlock);
        int from = 0;
        while (from >= 0)
        {
            request.CancellationToken.ThrowIfCancellationRequested();
            int count = GatherMatching(request, block, ref from);
            LayerTraversal.RankAll(ref pool, space, block, count);
            context.ScoredCount += count;
        }
        return pool;
    }

    // Moves `from` behind the last ordinal looked at; -1 at the end.
    private int GatherMatching(SearchRequest request, int* block, ref int from)
    {
        int count = 0;
        while (count < ScanBlock)
        {
            int ordinal = request.Filter is null ? from : request.Filter.NextAtLeast(from);
            if (ordinal < 0 || ordinal >= request.Snapshot.SlotCount)
            {
                from = -1;
                break;
            }
            from = ordinal + 1;
            if (store.State(ordinal) == NodeState.Live)
            {
                block[count++] = ordinal;
            }
        }
        return count;
    }

    // Steps 1 and 2.
    private CandidatePool FillPool<TSpace>(TSpace space, SearchPlan plan, SearchRequest request, SearchContext context)
        where TSpace : struct, IVectorSpace
    {
        CandidatePool pool = context.OpenPool(plan.PoolSize);
        if (request.Snapshot.Entry < 0)
        {
            return pool;
        }
        int start = LayerTraversal.Descend(store, space, request.Snapshot, level: 0, context);
        VisitedTags.View tags = context.Tags.Begin(request.Snapshot.SlotCount);
        if (request.WithoutLearned)
        {
            LastingNeighborhood lasting = new(store, tags);
            LayerTraversal.AddStart(ref pool, space, lasting, start, context);
            LayerTraversal.Fill(ref pool, space, lasting, context, request.CancellationToken);
        }
        else if (request.Filter is null || !plan.OnlyThroughMatching)
        {
            BaseNeighborhood all = new(store.BaseRows, store.BaseRowSlots, tags);
            LayerTraversal.AddStart(ref pool, space, all, start, context);
            LayerTraversal.Fill(ref pool, space, all, context, request.CancellationToken);
        }
        else
        {
            MatchingNeighborhood matching = new(store.BaseRows, store.BaseRowSlots, tags, request.Filter, 2 * store.M);
            LayerTraversal.AddStart(ref pool, space, matching, start, context);
            AddSeeds(ref pool, space, matching, request, context);
            LayerTraversal.Fill(ref pool, space, matching, context, request.CancellationToken);
        }
        return pool;
    }

    // What matches may lie far from where the descent ended: some of it, spread evenly, is a start as well.
    private void AddSeeds<TSpace>(
        ref CandidatePool pool, TSpace space, MatchingNeighborhood matching, SearchRequest request, SearchContext context)
        where TSpace : struct, IVectorSpace
    {
        for (int i = 0; i < SeedCount; i++)
        {
            int seed = request.Filter!.NextAtLeast((int)((long)request.Snapshot.SlotCount * i / SeedCount));
            if (seed >= 0 && seed < request.Snapshot.SlotCount && store.State(seed) == NodeState.Live)
            {
                LayerTraversal.AddStart(ref pool, space, matching, seed, context);
            }
        }
    }

    // Step 3: the order of the codes is nearly right, so the true best k are among a few more of the pool.
    private int Rerank<TFull>(CandidatePool pool, TFull full, SearchRequest request, SearchContext context)
        where TFull : struct, IVectorSpace
    {
        int rerankCount = Math.Max(MinReranked, request.Hits.Length + (request.Hits.Length / 2));
        Span<long> chosen = context.Chosen(rerankCount);
        int count = 0;
        foreach (long key in pool.Keys)
        {
            if (IsWanted(RankKey.Ordinal(key), request.Filter))
            {
                chosen[count++] = key;
                if (count == rerankCount)
                {
                    break;
                }
            }
        }
        CandidatePool best = context.OpenResults(request.Hits.Length);
        for (int i = 0; i < count; i++)
        {
            if (i + RerankPrefetchAhead < count)
            {
                full.Prefetch(RankKey.Ordinal(chosen[i + RerankPrefetchAhead]));
            }
            int ordinal = RankKey.Ordinal(chosen[i]);
            best.Insert(full.Rank(ordinal), ordinal);
        }
        return best.CopyTo(request.Hits);
    }

    private bool IsWanted(int ordinal, OrdinalSet? filter) =>
        (filter is null || filter.Contains(ordinal)) && store.State(ordinal) == NodeState.Live;
}
