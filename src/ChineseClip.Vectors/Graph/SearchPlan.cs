namespace ChineseClip.Vectors.Graph;

/// <summary>The ways to answer a request.</summary>
internal enum SearchWay
{
    /// <summary>Along all edges; what does not match is left out in the end.</summary>
    AllEdges,

    /// <summary>Only what matches is ranked, with what does not as a bridge.</summary>
    ThroughMatching,

    /// <summary>Everything that matches is ranked.</summary>
    Scan,
}

/// <summary>How a request is answered.</summary>
/// <param name="Way">Where to look.</param>
/// <param name="PoolSize">How many candidates are kept.</param>
/// <param name="MatchShare">Part of the slots that match.</param>
/// <remarks>
/// Along all edges, a pool that holds k matches holds the best ones, so finding k is itself the sign that the pool was large enough;
/// it is larger the fewer match. Where few match, or where those near the query do not, only matches take part. Where even fewer
/// match a scan is cheaper. The costs were measured on 100k × 512 at M = 16, in rows ranked by a scan (15 ns each).
/// </remarks>
internal readonly record struct SearchPlan(SearchWay Way, int PoolSize, double MatchShare)
{
    private const int CostAlongAllEdges = 40;
    private const int CostThroughMatching = 100;
    private const int MinMatchesForGraph = 256;
    private const int MoreEffort = 4;
    private const double ManyMatches = 0.15;

    // A query that lies where nothing matches is to those that do as a text is to pictures: its neighbours are far apart.
    // The more so the smaller the part that matches.
    private const double MoreEffortFromOutside = 2.4;

    // Room for what does not match and yet is in the pool: the start, removed nodes, chance.
    private const int SpareEntries = 8;

    public static SearchPlan Create(SearchRequest request)
    {
        double share = Math.Min(1, (double)request.MatchCount / Math.Max(1, request.Snapshot.SlotCount));
        return request.Filter is null ? WithPool(SearchWay.AllEdges, request, share, request.Ef * PlacesPerLive(request))
            : share >= ManyMatches
                ? WithPool(SearchWay.AllEdges, request, share, (request.Ef * FilteredTraversal.MuchRarer / share) + SpareEntries)
            : WithPool(SearchWay.ThroughMatching, request, share, request.Ef + SpareEntries);
    }

    /// <summary>What to do when the query turns out to lie where nothing matches.</summary>
    public SearchPlan FromOutside(SearchRequest request) =>
        WithPool(SearchWay.ThroughMatching, request, MatchShare, (request.Ef * (1 + (MoreEffortFromOutside * (1 - MatchShare)))) + SpareEntries);

    /// <summary>What to try when fewer than k were found.</summary>
    public SearchPlan Next(SearchRequest request) => request.Filter is not null && Way == SearchWay.AllEdges
        ? FromOutside(request)
        : WithPool(Way, request, MatchShare, (double)PoolSize * MoreEffort);

    // So that as many live nodes are kept as if nothing had been removed.
    private static double PlacesPerLive(SearchRequest request) => 1 + ((double)request.DeadCount / Math.Max(1, request.LiveCount));

    private static SearchPlan WithPool(SearchWay way, SearchRequest request, double share, double poolSize)
    {
        double cost = way == SearchWay.ThroughMatching
            ? poolSize * CostThroughMatching
            : poolSize * CostAlongAllEdges / (request.Filter is null ? 1 : FilteredTraversal.MuchRarer);
        bool scan = request.Mode == SearchMode.Scan || request.MatchCount <= MinMatchesForGraph || cost >= request.MatchCount;
        return scan ? new SearchPlan(SearchWay.Scan, request.RerankCount, share) : new SearchPlan(way, (int)poolSize, share);
    }
}
