namespace ChineseClip.Vectors.Graph;

/// <summary>The ways to answer a request.</summary>
internal enum SearchWay
{
    /// <summary>Along all edges; what matches is collected on the way.</summary>
    AllEdges,

    /// <summary>Only what matches is ranked, with what does not as a bridge.</summary>
    ThroughMatching,

    /// <summary>Everything that matches is ranked.</summary>
    Scan,
}

/// <summary>How a request is answered.</summary>
/// <param name="Way">Where to look.</param>
/// <param name="PoolSize">How many of what may be returned are kept.</param>
/// <remarks>
/// A search of effort ef ranks many times ef rows and keeps the best ef. With a filter that many items pass, nearly the same walk
/// ranks enough matches, so the cheapest way is to collect these (<see cref="SearchWay.AllEdges"/>). It must be longer the fewer match,
/// and is given up where none match near the query. Then only matches take part (<see cref="SearchWay.ThroughMatching"/>). Where few
/// match a scan is cheaper. Costs are in rows ranked by a scan, measured on 100k × 512 at M = 16 (about 10 ns each); a row of other
/// length changes all of them alike.
/// </remarks>
internal readonly record struct SearchPlan(SearchWay Way, int PoolSize)
{
    private const int MinMatchesForGraph = 256;
    private const int CostOfNode = 50;
    private const int CostOfBridge = 9;

    // A row that a scan estimates from its sketch; its cost does not depend on the dimension.
    private const double CostOfSketch = 0.83;

    // Along all edges: at most so many times ef nodes, and until the best k + ef / MatchesPerEf matches were passed.
    private const double MaxEffort = 2.2;
    private const int PartOfEfToPass = 4;

    // Given up where so much fewer match than in the whole, unless a few times k can be expected nevertheless.
    private const int MuchRarer = 3;
    private const int ManyTimesK = 3;

    // Through matches: a query that lies where nothing matches is to those that do as a text is to pictures.
    private const double EffortThroughMatching = 2;
    private const double MatchesByBridges = 0.8;
    private const int MinBridges = 8;

    /// <summary>Along all edges to what matches: at least so many nodes are expanded.</summary>
    public int MinNodes { get; private init; }

    /// <summary>And at most so many.</summary>
    public int MaxNodes { get; private init; }

    /// <summary>Between them, until so many matches are better than what would be expanded next.</summary>
    public int EnoughMatches { get; private init; }

    /// <summary>Given up when a smaller part of what was ranked matches.</summary>
    public double LeastShare { get; private init; }

    /// <summary>Judged after so many rows: as many as hold some matches if they lie evenly.</summary>
    public int RowsBeforeJudging { get; private init; }

    /// <summary>Through matches: how many rows of neighbours that do not match are worth reading a step.</summary>
    public int MaxBridges { get; private init; }

    public static SearchPlan Create(SearchRequest request)
    {
        // As many live nodes are kept as if nothing had been removed.
        double ef = request.Ef * (1 + ((double)request.DeadCount / Math.Max(1, request.LiveCount)));
        if (request.Filter is null)
        {
            return OrScan(new SearchPlan(SearchWay.AllEdges, (int)ef), ef * CostOfNode, request);
        }
        int k = request.Hits.Length;
        double share = MatchShare(request);
        double enough = k + (ef / PartOfEfToPass);
        double maxNodes = Math.Max(ef * MaxEffort, k / share);
        double cost = Math.Clamp(enough / share, ef, maxNodes) * CostOfNode;
        SearchPlan through = ThroughMatching(request, out double costThrough);
        return cost > costThrough ? through : OrScan(
            new SearchPlan(SearchWay.AllEdges, (int)Math.Max(enough, request.RerankCount))
            {
                MinNodes = (int)ef,
                MaxNodes = (int)maxNodes,
                EnoughMatches = (int)enough,
                LeastShare = Math.Min(share / MuchRarer, ManyTimesK * k / maxNodes),
                RowsBeforeJudging = (int)Math.Max(64, 12 / share),
            }, cost, request);
    }

    /// <summary>What to try when this was given up, or found fewer than k.</summary>
    public SearchPlan Next(SearchRequest request) => request.Filter is not null && Way == SearchWay.AllEdges
        ? ThroughMatching(request, out _)
        : new SearchPlan(SearchWay.Scan, request.RerankCount);

    private static SearchPlan ThroughMatching(SearchRequest request, out double cost)
    {
        double nodes = request.Ef * EffortThroughMatching;
        int bridges = (int)Math.Clamp(MatchesByBridges / MatchShare(request), MinBridges, 1000);
        cost = nodes * (CostOfNode + (bridges * CostOfBridge));
        return OrScan(
            new SearchPlan(SearchWay.ThroughMatching, Math.Max((int)nodes, request.RerankCount)) { MaxBridges = bridges }, cost, request);
    }

    private static double MatchShare(SearchRequest request) =>
        Math.Clamp((double)request.MatchCount / Math.Max(1, request.Snapshot.SlotCount), 1e-9, 1);

    private static SearchPlan OrScan(SearchPlan plan, double cost, SearchRequest request) =>
        request.Mode == SearchMode.Scan || request.MatchCount * (request.ReadsSketches ? CostOfSketch : 1) <= Math.Max(MinMatchesForGraph, cost)
            ? new SearchPlan(SearchWay.Scan, request.RerankCount)
            : plan;
}
