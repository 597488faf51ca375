using System.Runtime.CompilerServices;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Quantization;

namespace ChineseClip.Vectors.Graph;

/// <summary>One question to the index: which hits, among which items, at what effort.</summary>
internal readonly ref struct SearchRequest(
    GraphSnapshot snapshot, Span<ScoredOrdinal> hits, int ef, OrdinalSet? filter, int liveCount,
    CancellationToken cancellationToken)
{
    private const int MinReranked = 32;
    private const int MinMatchesForSketches = 1024;

    public GraphSnapshot Snapshot { get; } = snapshot;

    public Span<ScoredOrdinal> Hits { get; } = hits;

    public int Ef { get; } = Math.Max(ef, hits.Length);

    public OrdinalSet? Filter { get; } = filter;

    public int LiveCount { get; } = liveCount;

    /// <summary>At most this many items can be returned.</summary>
    public int MatchCount { get; } = Math.Min(liveCount, filter?.Count ?? int.MaxValue);

    /// <summary>Candidates compared by their full vectors: the order of the codes is nearly right, so the best k are among a few more.</summary>
    public int RerankCount { get; } = Math.Max(MinReranked, hits.Length + (hits.Length / 2));

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public SearchMode Mode { get; init; }

    /// <summary>Removed nodes that take places in the pool.</summary>
    public int DeadCount { get; init; }

    public ReadOnlySpan<float> Query { get; init; }

    /// <summary>Whose sketches may be read first; null for none.</summary>
    public CodeBook? Sketched { get; init; }

    /// <summary>The codes beside these sketches.</summary>
    public CodeSpace Codes { get; init; }

    /// <summary>Whether there are enough matches for sketches to be worth a query of their own.</summary>
    public bool ReadsSketches => Sketched is not null && MatchCount >= MinMatchesForSketches;

    public SketchSpace OpenSketches(SearchContext context) => context.OpenSketches(Sketched!, Codes);

    /// <summary>Writes the matches from an ordinal on, a word of the filter at a time, until there are enough; returns how many.</summary>
    /// <param name="next">Where to begin; then where to go on.</param>
    /// <param name="enough">At most <see cref="FilterBits.BitsPerWord"/> − 1 more are written.</param>
    /// <param name="ordinals">Takes them.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public unsafe int GatherMatching(ref int next, int enough, int* ordinals)
    {
        int count = 0;
        while (count < enough && next < Snapshot.SlotCount)
        {
            // As many words as cannot hold too much, of those that the snapshot has as a whole.
            int words = Math.Min((enough - count) / FilterBits.BitsPerWord, (Snapshot.SlotCount - next) / FilterBits.BitsPerWord);
            if (Filter is null || words == 0)
            {
                count += CompactKernel.SetBits(WordAt(next), next, ordinals + count);
                next += FilterBits.BitsPerWord;
                continue;
            }
            int word = next / FilterBits.BitsPerWord;
            fixed (ulong* first = Filter.Words)
            {
                int present = Math.Min(words, Filter.Words.Length - word);    // beyond is nothing
                count += present > 0 ? CompactKernel.SetBits(first + word, present, next, ordinals + count) : 0;
            }
            next += words * FilterBits.BitsPerWord;
        }
        return count;
    }

    /// <summary>The filter's bits of 64 ordinals, without those beyond the snapshot.</summary>
    private ulong WordAt(int firstOrdinal)
    {
        int inside = Math.Min(Snapshot.SlotCount - firstOrdinal, FilterBits.BitsPerWord);
        ulong word = Filter is null ? ulong.MaxValue
            : firstOrdinal / FilterBits.BitsPerWord < Filter.Words.Length ? Filter.Words[firstOrdinal / FilterBits.BitsPerWord]
            : 0;
        return inside == FilterBits.BitsPerWord ? word : word & ((1UL << inside) - 1);
    }
}

/// <summary>Answers one query: walks the graph or scans, then compares the best candidates by their full vectors.</summary>
/// <remarks>
/// Steps: (1) find where to start; (2) fill a pool with the nearest nodes by their rank in <c>TSpace</c>; (3) rerank the best live
/// and matching ones; (4) if fewer than k came of it although more match, try the next <see cref="SearchPlan"/>, in the end a scan.
/// Threads: safe; all memory is the context's. Steps are not inlined into one another: beyond some size the JIT inlines nothing more, not even
/// what is called for each row.
/// </remarks>
internal sealed unsafe class HnswSearcher(GraphStore store)
{
    private const int SeedCount = 16;
    private const int MaxKnown = 32;
    private const int ScanBlock = 256;
    private const int ScanPrefetchAhead = 12;
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
        SearchPlan plan = SearchPlan.Create(request);
        ReadOnlySpan<long> known = [];
        ReadOnlySpan<long> starts = [];
        double shareAroundStart = 1;
        if (plan.Way != SearchWay.Scan && request.Snapshot.Entry >= 0)
        {
            starts = FindStarts(space, request, context);    // Step 1
            shareAroundStart = ShareAround(RankKey.Ordinal(starts[0]), request.Filter);
            if (shareAroundStart < plan.LeastShareAroundStart)
            {
                plan = plan.Next(request, shareAroundStart);
            }
        }
        while (true)
        {
            bool isComplete = plan.Way == SearchWay.Scan
                ? ScanMatching(space, plan, request, context, out CandidatePool pool)
                : FillPool(space, starts, known, plan, request, context, out pool);    // Step 2
            int found = isComplete ? Rerank(pool, space, full, request, context) : 0;    // Step 3
            if (found >= wanted || plan.Way == SearchWay.Scan)
            {
                return found;
            }
            plan = plan.Next(request, isComplete ? shareAroundStart : 0);    // Step 4; what was given up met hardly any
            known = context.Keep(pool.Keys, MaxKnown);
        }
    }

    // The landmarks nearest to the query, ranked. Where there are none, or all those were removed, the end of the greedy way down.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadOnlySpan<long> FindStarts<TSpace>(TSpace space, SearchRequest request, SearchContext context)
        where TSpace : struct, IVectorSpace
    {
        CandidatePool starts = context.OpenStarts(Landmarks.MaxStarts);
        if (request.Sketched?.Landmarks is Landmarks landmarks)
        {
            int* nearest = stackalloc int[Landmarks.MaxStarts];
            int count = landmarks.FindNearest(request.OpenSketches(context), context, nearest);
            for (int i = 0; i < count; i++)
            {
                space.Prefetch(nearest[i]);
            }
            for (int i = 0; i < count; i++)
            {
                OfferLive(ref starts, store, space.Rank(nearest[i]), nearest[i]);
            }
            context.ScoredCount += count;
        }
        if (starts.Count == 0)
        {
            int end = LayerTraversal.Descend(store, space, request.Snapshot, level: 0, context);
            starts.Insert(space.Rank(end), end);
        }
        return starts.Keys;
    }

    private double ShareAround(int node, OrdinalSet? filter)
    {
        if (filter is null)
        {
            return 1;
        }
        fixed (ulong* words = filter.Words)
        {
            return FilteredTraversal.ShareAround(store, node, new FilterBits(words, filter.Words.Length));
        }
    }

    private bool ScanMatching<TSpace>(TSpace space, SearchPlan plan, SearchRequest request, SearchContext context, out CandidatePool pool)
        where TSpace : struct, IVectorSpace
    {
        if (!request.ReadsSketches)
        {
            return Scan(space, plan.PoolSize, request, context, out pool);
        }
        pool = SketchedSearch.Scan(store, request.OpenSketches(context), request, context);
        return true;
    }

    /// <summary>Ranks every live and matching row, a block at a time.</summary>
    public bool Scan<TSpace>(TSpace space, int poolSize, SearchRequest request, SearchContext context, out CandidatePool pool)
        where TSpace : struct, IVectorSpace
    {
        pool = context.OpenPool(poolSize);
        int* block = context.Unvisited(ScanBlock + FilterBits.BitsPerWord);
        int next = 0;
        while (true)
        {
            request.CancellationToken.ThrowIfCancellationRequested();
            int count = request.GatherMatching(ref next, ScanBlock, block);
            if (count == 0)
            {
                return true;
            }
            RankLive(ref pool, store, space, block, count);
            context.ScoredCount += count;
        }
    }

    /// <summary>Offers rows to a pool, those that are live.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void RankLive<TSpace>(ref CandidatePool pool, GraphStore store, TSpace space, int* ordinals, int count)
        where TSpace : struct, IVectorSpace
    {
        for (int i = 0; i < Math.Min(count, ScanPrefetchAhead); i++)
        {
            space.Prefetch(ordinals[i]);
        }
        for (int i = 0; i < count; i++)
        {
            if (i + ScanPrefetchAhead < count)
            {
                space.Prefetch(ordinals[i + ScanPrefetchAhead]);
            }
            OfferLive(ref pool, store, space.Rank(ordinals[i]), ordinals[i]);
        }
    }

    /// <summary>Offers a row to a pool, if it is live.</summary>
    /// <remarks>Whether it is live is asked only when it is good enough: most are not, and it costs as much as the row itself.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OfferLive(ref CandidatePool pool, GraphStore store, int rank, int ordinal)
    {
        if (pool.Admits(rank, ordinal) && store.State(ordinal) == NodeState.Live)
        {
            pool.Insert(rank, ordinal);
        }
    }

    // Step 2; false when it was given up.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool FillPool<TSpace>(
        TSpace space, ReadOnlySpan<long> starts, ReadOnlySpan<long> known, SearchPlan plan, SearchRequest request, SearchContext context,
        out CandidatePool pool)
        where TSpace : struct, IVectorSpace
    {
        pool = context.OpenPool(plan.PoolSize);
        if (starts.IsEmpty)
        {
            return true;
        }
        if (plan.Way == SearchWay.ThroughMatching)
        {
            FillThrough(ref pool, space, starts, known, plan, request, context);
            return true;
        }
        VisitedTags.View tags = context.Tags.Begin(request.Snapshot.SlotCount);
        if (request.Mode == SearchMode.WithoutLearned)
        {
            LastingNeighborhood lasting = new(store, tags);
            LayerTraversal.AddStarts(ref pool, lasting, starts);
            LayerTraversal.Fill(ref pool, space, lasting, context, request.CancellationToken);
            return true;
        }
        BaseNeighborhood all = new(store.BaseRows, store.BaseRowSlots, tags);
        if (request.Filter is null)
        {
            LayerTraversal.AddStarts(ref pool, all, starts);
            LayerTraversal.Fill(ref pool, space, all, context, request.CancellationToken);
            return true;
        }
        fixed (ulong* words = request.Filter.Words)
        {
            FilterBits filter = new(words, request.Filter.Words.Length);
            CandidatePool frontier = context.OpenFrontier(plan.MaxNodes);
            LayerTraversal.AddStarts(ref frontier, all, starts);
            foreach (long key in frontier.Keys)
            {
                if (filter.Contains(RankKey.Ordinal(key)))
                {
                    pool.Insert(key);
                }
            }
            return FilteredTraversal.Fill(frontier, ref pool, space, all, filter, plan, context, request.CancellationToken);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FillThrough<TSpace>(
        ref CandidatePool pool, TSpace space, ReadOnlySpan<long> starts, ReadOnlySpan<long> known, SearchPlan plan, SearchRequest request,
        SearchContext context)
        where TSpace : struct, IVectorSpace
    {
        (UnseenNodes matches, UnseenNodes others) = UnseenNodes.Create(request.Filter!, request.Snapshot.SlotCount, context);
        MatchingNeighborhood matching = new(store, matches, others, plan.MaxBridges, context);
        AddMatchesAround(ref pool, space, matching, starts, request.Filter!, context);
        LayerTraversal.AddStarts(ref pool, matching, known);
        AddSeeds(ref pool, space, matching, request, context);
        if (request.ReadsSketches)
        {
            SketchSpace sketches = request.OpenSketches(context);
            matching = matching with { Sieve = Sieve.Calibrate(sketches, pool.Keys, context, matching.MaxCount) };
        }
        LayerTraversal.FillThrough(ref pool, space, matching, plan, context, request.CancellationToken);
    }

    // Of a start that does not match what matches around it: it would take the place of a match, and rank before all where none is near.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddMatchesAround<TSpace>(
        ref CandidatePool pool, TSpace space, MatchingNeighborhood matching, ReadOnlySpan<long> starts, OrdinalSet filter,
        SearchContext context)
        where TSpace : struct, IVectorSpace
    {
        int* around = context.Unvisited(matching.MaxCount);
        foreach (long key in starts)
        {
            int start = RankKey.Ordinal(key);
            if (!matching.TryMark(start))
            {
                continue;
            }
            if (filter.Contains(start))
            {
                pool.Insert(key);
                continue;
            }
            int count = matching.Start(start, around, out int bridgeCount);
            count = matching.Finish(count, bridgeCount, around);
            for (int i = 0; i < count; i++)
            {
                space.Prefetch(around[i]);
            }
            for (int i = 0; i < count; i++)
            {
                pool.Insert(space.Rank(around[i]), around[i]);
            }
            context.VisitedCount++;
            context.ScoredCount += count;
        }
    }

    // What matches may lie far from the starts: some, spread evenly, are starts as well.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddSeeds<TSpace>(
        ref CandidatePool pool, TSpace space, MatchingNeighborhood matching, SearchRequest request, SearchContext context)
        where TSpace : struct, IVectorSpace
    {
        int* seeds = context.Unvisited(SeedCount);
        int count = 0;
        for (int i = 0; i < SeedCount; i++)
        {
            int seed = request.Filter!.NextAtLeast((int)((long)request.Snapshot.SlotCount * i / SeedCount));
            if (seed >= 0 && seed < request.Snapshot.SlotCount && store.State(seed) == NodeState.Live)
            {
                space.Prefetch(seed);
                seeds[count++] = seed;
            }
        }
        for (int i = 0; i < count; i++)
        {
            LayerTraversal.AddStart(ref pool, space, matching, seeds[i], context);
        }
    }

    // Step 3; ends early when no error of rounding could bring what is left, in descending order of ranks, among the best.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Rerank<TSpace, TFull>(CandidatePool pool, TSpace space, TFull full, SearchRequest request, SearchContext context)
        where TSpace : struct, IVectorSpace
        where TFull : struct, IVectorSpace
    {
        Span<long> chosen = context.Chosen(request.RerankCount);
        int count = 0;
        foreach (long key in pool.Keys)
        {
            if (IsWanted(RankKey.Ordinal(key), request.Filter))
            {
                chosen[count++] = key;
                if (count == chosen.Length)
                {
                    break;
                }
            }
        }
        for (int i = 0; i < Math.Min(count, RerankPrefetchAhead); i++)
        {
            full.Prefetch(RankKey.Ordinal(chosen[i]));
        }
        CandidatePool best = context.OpenResults(request.Hits.Length);
        RoundingErrors errors = default;
        for (int i = 0; i < count; i++)
        {
            float rough = space.RoughScore(RankKey.Rank(chosen[i]));
            if (i >= request.Hits.Length && errors.AtMost(rough) < RankKey.ToScore(RankKey.Rank(best.Limit)))
            {
                break;
            }
            if (i + RerankPrefetchAhead < count)
            {
                full.Prefetch(RankKey.Ordinal(chosen[i + RerankPrefetchAhead]));
            }
            int ordinal = RankKey.Ordinal(chosen[i]);
            int rank = full.Rank(ordinal);
            errors.Add(rough, RankKey.ToScore(rank));
            best.Insert(rank, ordinal);
        }
        return best.CopyTo(request.Hits);
    }

    private bool IsWanted(int ordinal, OrdinalSet? filter) =>
        (filter is null || filter.Contains(ordinal)) && store.State(ordinal) == NodeState.Live;
}
