using System.Runtime.CompilerServices;

namespace ChineseClip.Vectors.Graph;

/// <summary>The search of level 0 along all edges that collects what matches a filter.</summary>
internal static unsafe class FilteredTraversal
{
    private const int PrefetchAhead = 6;

    /// <summary>Walks from the nodes in the frontier as far as the plan says; false when it is given up.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static bool Fill<TSpace>(
        CandidatePool frontier, ref CandidatePool result, TSpace space, BaseNeighborhood neighborhood, FilterBits filter, SearchPlan plan,
        SearchContext context, CancellationToken cancellationToken)
        where TSpace : struct, IVectorSpace
    {
        CandidatePool matches = result;    // a local copy stays in registers
        int* unvisited = context.Unvisited(neighborhood.MaxCount);
        int visitedCount = 0;
        int scoredCount = 0;
        int matchCount = 0;
        bool isGivenUp = false;
        while (visitedCount < plan.MaxNodes && !isGivenUp && frontier.TryTakeBest(out int node))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (visitedCount >= plan.MinNodes && matches.IsBetter(plan.EnoughMatches, frontier.LastTaken))
            {
                break;
            }
            int count = neighborhood.Gather(node, unvisited);
            int next = frontier.PeekNext();
            if (next >= 0)
            {
                neighborhood.Prefetch(next);
            }
            matchCount += RankAll(ref frontier, ref matches, space, filter, unvisited, count);
            visitedCount++;
            scoredCount += count;
            isGivenUp = scoredCount >= plan.RowsBeforeJudging && matchCount < scoredCount * plan.LeastShare;
        }
        result = matches;
        context.VisitedCount += visitedCount;
        context.ScoredCount += scoredCount;
        return !isGivenUp;
    }

    // Everything is a way on, what matches is also a result. Returns how many match.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int RankAll<TSpace>(
        ref CandidatePool frontier, ref CandidatePool matches, TSpace space, FilterBits filter, int* nodes, int count)
        where TSpace : struct, IVectorSpace
    {
        int matchCount = 0;
        for (int i = 0; i < Math.Min(count, PrefetchAhead); i++)
        {
            space.Prefetch(nodes[i]);
        }
        for (int i = 0; i < count; i++)
        {
            if (i + PrefetchAhead < count)
            {
                space.Prefetch(nodes[i + PrefetchAhead]);
            }
            int rank = space.Rank(nodes[i]);
            int bit = filter.Bit(nodes[i]);
            matchCount += bit;
            frontier.Insert(rank, nodes[i]);
            if (matches.Admits(rank, nodes[i]) && bit != 0)
            {
                matches.Insert(rank, nodes[i]);
            }
        }
        return matchCount;
    }
}
