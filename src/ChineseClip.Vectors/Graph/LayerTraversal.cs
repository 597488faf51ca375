using System.Runtime.CompilerServices;

namespace ChineseClip.Vectors.Graph;

/// <summary>Best-first search of one level (Malkov and Yashunin, Algorithms 2 and 5).</summary>
internal static unsafe class LayerTraversal
{
    /// <summary>Step 1: descends greedily through the levels above <paramref name="level"/>; returns the node reached.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Descend<TSpace>(
        GraphStore store, TSpace space, GraphSnapshot snapshot, int level, SearchContext context)
        where TSpace : struct, IVectorSpace
    {
        // A node that was ranked before is no better than the best, so none is ranked twice.
        VisitedTags.View tags = context.Tags.Begin(snapshot.SlotCount);
        int best = snapshot.Entry;
        int bestRank = space.Rank(best);
        int* nodes = context.Unvisited(store.M);
        tags.TryMark(best);
        for (int l = snapshot.EntryLevel; l > level; l--)
        {
            bool moved = true;
            while (moved)
            {
                moved = false;
                int count = tags.GatherUnvisited(store.Row(best, l), store.M, nodes);
                for (int i = 0; i < count; i++)
                {
                    space.Prefetch(nodes[i]);
                }
                for (int i = 0; i < count; i++)
                {
                    int rank = space.Rank(nodes[i]);
                    if (rank > bestRank)
                    {
                        (best, bestRank, moved) = (nodes[i], rank, true);
                    }
                }
                context.VisitedCount++;
                context.ScoredCount += count;
            }
        }
        return best;
    }

    /// <summary>Step 2: ranks a node from which <see cref="Fill"/> is to start.</summary>
    public static void AddStart<TSpace, TNodes>(
        ref CandidatePool pool, TSpace space, TNodes nodes, int start, SearchContext context)
        where TSpace : struct, IVectorSpace
        where TNodes : struct, ITraversedNodes
    {
        if (nodes.TryMark(start))
        {
            pool.Insert(space.Rank(start), start);
            context.ScoredCount++;
        }
    }

    /// <summary>The same for nodes that were ranked before.</summary>
    public static void AddStarts<TNodes>(ref CandidatePool pool, TNodes nodes, ReadOnlySpan<long> keys)
        where TNodes : struct, ITraversedNodes
    {
        foreach (long key in keys)
        {
            if (nodes.TryMark(RankKey.Ordinal(key)))
            {
                pool.Insert(key & ~RankKey.Expanded);
            }
        }
    }

    /// <summary>Step 3: fills the pool with the nearest nodes that can be reached from those in it.</summary>
    /// <remarks>
    /// One step ahead of Algorithm 2: the next node is taken before the neighbours of the one before it are ranked, so that the rows
    /// of its own neighbours come from memory meanwhile. Each node of the pool is expanded all the same, so recall is no lower; a few
    /// more are.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Fill<TSpace, TNeighborhood>(
        ref CandidatePool result, TSpace space, TNeighborhood neighborhood, SearchContext context,
        CancellationToken cancellationToken = default)
        where TSpace : struct, IVectorSpace
        where TNeighborhood : struct, INeighborhood
    {
        CandidatePool pool = result;    // a local copy stays in registers
        int* present = context.Unvisited(2 * neighborhood.MaxCount);
        int* coming = present + neighborhood.MaxCount;
        long* better = context.Offered(neighborhood.MaxCount);
        int presentCount = 0;
        int visitedCount = 0;
        int scoredCount = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int comingCount = 0;
            if (pool.TryTakeBest(out int node))
            {
                comingCount = neighborhood.Gather(node, coming);
                PrefetchRowsOfNext(pool, neighborhood);
                for (int i = 0; i < comingCount; i++)
                {
                    space.Prefetch(coming[i]);
                }
                visitedCount++;
            }
            else if (presentCount == 0)
            {
                break;
            }
            OfferAll(ref pool, space, neighborhood, present, presentCount, better);
            int* free = present;
            present = coming;
            presentCount = comingCount;
            coming = free;
            scoredCount += comingCount;
        }
        result = pool;
        context.VisitedCount += visitedCount;
        context.ScoredCount += scoredCount;
    }

    /// <summary>Step 3 through what matches.</summary>
    /// <remarks>
    /// As <see cref="Fill{TSpace, TNeighborhood}"/>, but two steps ahead: while the nodes of one step are ranked, the codes of the next and
    /// what lies behind the neighbours of the one after it come from memory. Ends early when the best k stay the same for
    /// <see cref="SearchPlan.Patience"/> steps (Teofili and Lin, "Patience in Proximity", ECIR 2025).
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void FillThrough<TSpace>(
        ref CandidatePool result, TSpace space, MatchingNeighborhood neighborhood, SearchPlan plan, SearchContext context,
        CancellationToken cancellationToken)
        where TSpace : struct, IVectorSpace
    {
        CandidatePool pool = result;    // a local copy stays in registers
        int* gathered = context.Unvisited(3 * neighborhood.MaxCount);
        int* coming = gathered + neighborhood.MaxCount;
        int* present = coming + neighborhood.MaxCount;
        long* better = context.Offered(neighborhood.MaxCount);
        int comingCount = 0;
        int presentCount = 0;
        int visitedCount = 0;
        int scoredCount = 0;
        int idleCount = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int gatheredCount = 0;
            int bridgeCount = 0;
            int node = -1;
            bool isTaken = idleCount < plan.Patience && pool.TryTakeBest(out node);
            if (isTaken)
            {
                gatheredCount = neighborhood.Start(node, gathered, out bridgeCount);
                visitedCount++;
            }
            else if (comingCount + presentCount == 0)
            {
                break;
            }
            comingCount = neighborhood.Sieve.Keep(coming, comingCount, pool.Limit);
            for (int i = 0; i < comingCount; i++)
            {
                space.Prefetch(coming[i]);
            }
            long kth = pool.KeyAt(plan.ResultCount - 1);
            OfferAll(ref pool, space, neighborhood, present, presentCount, better);
            idleCount = pool.KeyAt(plan.ResultCount - 1) == kth ? idleCount + 1 : 0;
            PrefetchRowsOfNext(pool, neighborhood);
            if (isTaken)
            {
                gatheredCount = neighborhood.Finish(gatheredCount, bridgeCount, gathered);
            }
            scoredCount += comingCount;
            int* free = present;
            present = coming;
            presentCount = comingCount;
            coming = gathered;
            comingCount = gatheredCount;
            gathered = free;
        }
        result = pool;
        context.VisitedCount += visitedCount;
        context.ScoredCount += scoredCount;
    }

    /// <summary>Starts fetching the edges of the two nodes that are likely to be expanded next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchRowsOfNext<TNodes>(CandidatePool pool, TNodes nodes)
        where TNodes : struct, ITraversedNodes
    {
        int next = pool.PeekNext();
        if (next >= 0)
        {
            nodes.Prefetch(next);
        }
        int afterNext = pool.PeekAfterNext();
        if (afterNext >= 0)
        {
            nodes.Prefetch(afterNext);
        }
    }

    // Whether a node belongs in the pool is as good as random: first all are ranked, without a branch on it, then those inserted. One that
    // will be expanded next is rare, and its row is fetched at once.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OfferAll<TSpace, TNodes>(
        ref CandidatePool pool, TSpace space, TNodes traversed, int* nodes, int count, long* better)
        where TSpace : struct, IVectorSpace
        where TNodes : struct, ITraversedNodes
    {
        long limit = pool.Limit;
        long next = pool.PeekNextKey();
        int betterCount = 0;
        for (int i = 0; i < count; i++)
        {
            long key = RankKey.Create(space.Rank(nodes[i]), nodes[i]);
            better[betterCount] = key;
            betterCount += key < limit ? 1 : 0;
            if (key < next)
            {
                next = key;
                traversed.Prefetch(nodes[i]);
            }
        }
        for (int i = 0; i < betterCount; i++)
        {
            pool.Insert(better[i]);
        }
    }
}
