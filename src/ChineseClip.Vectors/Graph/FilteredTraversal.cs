using System.Runtime.CompilerServices;
using ChineseClip.Vectors.Kernels;

namespace ChineseClip.Vectors.Graph;

/// <summary>The search of level 0 along all edges that collects what matches a filter.</summary>
internal static unsafe class FilteredTraversal
{
    /// <summary>Walks from the nodes in the frontier as far as the plan says; false when it is given up.</summary>
    /// <remarks>One step ahead, as <see cref="LayerTraversal.Fill"/> is.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static bool Fill<TSpace>(
        CandidatePool frontier, ref CandidatePool result, TSpace space, BaseNeighborhood neighborhood, FilterBits filter, SearchPlan plan,
        SearchContext context, CancellationToken cancellationToken)
        where TSpace : struct, IVectorSpace
    {
        CandidatePool matches = result;    // a local copy stays in registers
        int* present = context.Unvisited(2 * neighborhood.MaxCount);
        int* coming = present + neighborhood.MaxCount;
        long* better = context.Offered(2 * neighborhood.MaxCount);
        int presentCount = 0;
        int visitedCount = 0;
        int scoredCount = 0;
        int judgedCount = 0;
        int matchCount = 0;
        bool isGivenUp = false;
        while (!isGivenUp)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int comingCount = 0;
            if (visitedCount < plan.MaxNodes && frontier.TryTakeBest(out int node)
                && (visitedCount < plan.MinNodes || !matches.IsBetter(plan.EnoughMatches, frontier.LastTaken)))
            {
                comingCount = neighborhood.Gather(node, coming);
                LayerTraversal.PrefetchRowsOfNext(frontier, neighborhood);
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
            matchCount += OfferAll(
                ref frontier, ref matches, space, neighborhood, filter, present, presentCount, better, better + neighborhood.MaxCount);
            scoredCount += presentCount;
            judgedCount += presentCount;
            isGivenUp = judgedCount >= plan.RowsBeforeJudging && matchCount < judgedCount * plan.LeastShare;
            if (judgedCount >= 2 * plan.RowsBeforeJudging)
            {
                judgedCount /= 2;    // where the walk is now says more than where it began
                matchCount /= 2;
            }
            int* free = present;
            present = coming;
            presentCount = comingCount;
            coming = free;
        }
        result = matches;
        context.VisitedCount += visitedCount;
        context.ScoredCount += scoredCount;
        return !isGivenUp;
    }

    /// <summary>What part of the edges of a node's neighbours leads to matches: rows of edges are read, nothing is ranked.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static double ShareAround(GraphStore store, int node, FilterBits filter)
    {
        ReadOnlySpan<int> neighbors = store.LevelZeroEdges(node);
        for (int i = 0; i < neighbors.Length && neighbors[i] >= 0; i++)
        {
            RowPrefetch.Start(store.Row(neighbors[i], 0), store.Capacity(0) * sizeof(int));
        }
        int edgeCount = 0;
        int matchCount = 0;
        foreach (int neighbor in neighbors)
        {
            if (neighbor < 0)
            {
                break;
            }
            foreach (int next in store.LevelZeroEdges(neighbor))
            {
                if (next < 0)
                {
                    break;
                }
                edgeCount++;
                matchCount += filter.Bit(next);
            }
        }
        return edgeCount == 0 ? 1 : (double)matchCount / edgeCount;
    }

    // Everything is a way on, what matches is also a result. Returns how many match. No branch on what is as good as random.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int OfferAll<TSpace>(
        ref CandidatePool frontier, ref CandidatePool matches, TSpace space, BaseNeighborhood neighborhood, FilterBits filter, int* nodes,
        int count, long* better, long* hits)
        where TSpace : struct, IVectorSpace
    {
        long frontierLimit = frontier.Limit;
        long next = frontier.PeekNextKey();
        long matchLimit = matches.Limit;
        int betterCount = 0;
        int hitCount = 0;
        int matchCount = 0;
        for (int i = 0; i < count; i++)
        {
            long key = RankKey.Create(space.Rank(nodes[i]), nodes[i]);
            int bit = filter.Bit(nodes[i]);
            better[betterCount] = key;
            betterCount += key < frontierLimit ? 1 : 0;
            hits[hitCount] = key;
            hitCount += key < matchLimit ? bit : 0;
            matchCount += bit;
            if (key < next)
            {
                next = key;
                neighborhood.Prefetch(nodes[i]);
            }
        }
        for (int i = 0; i < betterCount; i++)
        {
            frontier.Insert(better[i]);
        }
        for (int i = 0; i < hitCount; i++)
        {
            matches.Insert(hits[i]);
        }
        return matchCount;
    }
}
