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
}

/// <summary>Answers one query: walks the graph or scans, then compares the best candidates by their full vectors.</summary>
/// <remarks>
/// Steps: (1) descend to level 0; (2) fill a pool with the nearest nodes by their rank in <c>TSpace</c>; (3) rerank the best live
/// and matching ones; (4) if fewer than k came of it although more match, scan. A filter that matches few items is scanned at once.
/// Threads: safe; all memory is the context's.
/// </remarks>
internal sealed unsafe class HnswSearcher(GraphStore store)
{
    private const int SeedCount = 8;
    private const int MinReranked = 32;
    private const int RerankPrefetchAhead = 2;

    public int Search<TSpace>(TSpace space, FloatSpace full, SearchRequest request, SearchContext context)
        where TSpace : struct, IVectorSpace
    {
        if (request.Hits.IsEmpty)
        {
            return 0;
        }
        int wanted = Math.Min(request.Hits.Length, request.MatchCount);
        SearchPlan plan = SearchPlan.Create(request);
        int found = 0;
        if (!plan.Scan)
        {
            found = Rerank(FillPool(space, plan, request, context), full, request, context);
        }
        if (found < wanted)
        {
            found = Rerank(Scan(space, request.Ef, request, context), full, request, context);
        }
        return found;
    }

    /// <summary>Ranks every live and matching row.</summary>
    public CandidatePool Scan<TSpace>(TSpace space, int poolSize, SearchRequest request, SearchContext context)
        where TSpace : struct, IVectorSpace
    {
        CandidatePool pool = context.OpenPool(poolSize);
        int slotCount = request.Snapshot.SlotCount;
        OrdinalSet? filter = request.Filter;
        for (int ordinal = Next(0, filter); ordinal >= 0 && ordinal < slotCount; ordinal = Next(ordinal + 1, filter))
        {
            request.CancellationToken.ThrowIfCancellationRequested();
            if (store.State(ordinal) == NodeState.Live)
            {
                pool.Insert(space.Rank(ordinal), ordinal);
                context.ScoredCount++;
            }
        }
        return pool;
    }

    private static int Next(int ordinal, OrdinalSet? filter) => filter is null ? ordinal : filter.NextAtLeast(ordinal);

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
        if (request.Filter is null || !plan.OnlyThroughMatching)
        {
            BaseNeighborhood all = new(store.BaseRows, store.BaseRowSlots, tags);
            LayerTraversal.AddStart(ref pool, space, all, start, context);
            LayerTraversal.Fill(ref pool, space, all, context, request.CancellationToken);
        }
        else
        {
            MatchingNeighborhood matching = new(store.BaseRows, store.BaseRowSlots, tags, request.Filter);
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
    private int Rerank(CandidatePool pool, FloatSpace full, SearchRequest request, SearchContext context)
    {
        int rerankCount = Math.Max(MinReranked, request.Hits.Length + (request.Hits.Length / 2));
        Span<long> chosen = context.Chosen(rerankCount);
        int count = 0;
        foreach (long key in pool.Keys)
        {
            if (count < rerankCount && IsWanted(RankKey.Ordinal(key), request.Filter))
            {
                chosen[count++] = key;
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

/// <summary>How a request is answered: by a scan, along all edges, or only through what matches.</summary>
internal readonly record struct SearchPlan(bool Scan, bool OnlyThroughMatching, int PoolSize)
{
    // Rows ranked for one pool entry, measured on graphs of M = 16: tells when a scan is cheaper than the graph.
    private const int RankedPerPoolEntry = 20;
    private const int MinMatchesForGraph = 256;
    private const double ManyMatches = 0.6;

    public static SearchPlan Create(SearchRequest request)
    {
        double share = (double)request.MatchCount / Math.Max(1, request.Snapshot.SlotCount);
        bool onlyThroughMatching = request.Filter is not null && share < ManyMatches;
        // Along all edges the pool holds nodes that do not match, too, and is larger the more of them there are.
        int poolSize = onlyThroughMatching || share == 0
            ? request.Ef
            : (int)Math.Min(request.Ef / share, Math.Max(request.Ef, HnswParameters.MaxEf));
        bool scan = request.MatchCount <= MinMatchesForGraph || (long)poolSize * RankedPerPoolEntry >= request.MatchCount;
        return new SearchPlan(scan, onlyThroughMatching, poolSize);
    }
}
