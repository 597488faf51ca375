namespace ChineseClip.Vectors.Graph;

/// <summary>How a request is answered: by a scan, along all edges, or only through what matches.</summary>
/// <remarks>
/// Along all edges, a pool that holds k matches holds the best ones, so finding k is itself the sign that the pool was large enough;
/// it is larger the fewer match. Where few match, or where those near the query do not, only matches take part. Where even fewer
/// match a scan is cheaper. The costs were measured on 20k × 512 at M = 16, in rows ranked by a scan (20 ns each).
/// </remarks>
internal readonly record struct SearchPlan(bool Scan, bool OnlyThroughMatching, int PoolSize)
{
    private const int CostAlongAllEdges = 40;
    private const int CostThroughMatching = 120;
    private const int MinMatchesForGraph = 256;
    private const int MoreEffort = 4;
    private const double ManyMatches = 0.15;

    // Room for what does not match and yet is in the pool: the start, removed nodes, chance.
    private const int SpareEntries = 8;

    public static SearchPlan Create(SearchRequest request)
    {
        double share = (double)request.MatchCount / Math.Max(1, request.Snapshot.SlotCount);
        return share >= 1 ? WithPool(request, onlyThroughMatching: false, request.Ef)
            : share >= ManyMatches || request.Filter is null
                ? WithPool(request, onlyThroughMatching: false, (request.Ef / Math.Max(share, 0.01)) + SpareEntries)
            : WithPool(request, onlyThroughMatching: true, request.Ef + SpareEntries);
    }

    /// <summary>What to try when fewer than k were found.</summary>
    public SearchPlan Next(SearchRequest request) => request.Filter is not null && !OnlyThroughMatching
        ? WithPool(request, onlyThroughMatching: true, request.Ef + SpareEntries)
        : WithPool(request, OnlyThroughMatching, (double)PoolSize * MoreEffort);

    private static SearchPlan WithPool(SearchRequest request, bool onlyThroughMatching, double poolSize)
    {
        double cost = poolSize * (onlyThroughMatching ? CostThroughMatching : CostAlongAllEdges);
        bool scan = request.MatchCount <= MinMatchesForGraph || cost >= request.MatchCount;
        return new SearchPlan(scan, onlyThroughMatching, scan ? 0 : (int)poolSize);
    }
}
