using System.Runtime.CompilerServices;

namespace ChineseClip.Vectors.Graph;

/// <summary>The search of level 0 along all edges for what matches a filter: as long as it must be, and given up where nothing matches.</summary>
internal static unsafe class FilteredTraversal
{
    // After so many nodes the share of matches among them tells whether the query lies where items match.
    private const int NodesBeforeJudging = 24;

    // Given up when matches are so many times rarer than in the whole.
    public const int MuchRarer = 2;

    // What matched on the way to the query, and is not among the best.
    private const int SpareMatches = 8;

    /// <summary>How many matches are ranked a step: more than the graph's own choice of neighbours, and fewer than all there are.</summary>
    public static int MaxMatches(int m) => m + (m / 2);

    /// <summary>How many rows of neighbours that do not match are worth reading a step: most find <see cref="MaxMatches"/> in these.</summary>
    public static int MaxBridges(int m, double matchShare) => (int)Math.Clamp(1.25 / Math.Max(matchShare, 0.001), 4, 4 * m);

    /// <summary>Fills the pool until the best <paramref name="ef"/> matches were expanded; false when given up.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static bool Fill<TSpace>(
        ref CandidatePool result, TSpace space, BaseNeighborhood neighborhood, FilterBits filter, SearchPlan plan, int ef,
        SearchContext context, CancellationToken cancellationToken)
        where TSpace : struct, IVectorSpace
    {
        CandidatePool pool = result;    // a local copy stays in registers
        int* unvisited = context.Unvisited(neighborhood.MaxCount);
        int visitedCount = 0;
        int scoredCount = 0;
        int matchCount = 0;
        bool isGivenUp = false;
        while (matchCount < ef + SpareMatches && pool.TryTakeBest(out int node))
        {
            cancellationToken.ThrowIfCancellationRequested();
            matchCount += filter.Bit(node);
            if (visitedCount >= NodesBeforeJudging && matchCount * MuchRarer < visitedCount * plan.MatchShare)
            {
                isGivenUp = true;
                break;
            }
            int count = neighborhood.Gather(node, unvisited);
            int next = pool.PeekNext();
            if (next >= 0)
            {
                neighborhood.Prefetch(next);
            }
            LayerTraversal.RankAll(ref pool, space, unvisited, count);
            visitedCount++;
            scoredCount += count;
        }
        result = pool;
        context.VisitedCount += visitedCount;
        context.ScoredCount += scoredCount;
        return !isGivenUp;
    }
}
