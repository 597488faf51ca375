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
/// and how many match near the query is known only there: it is given up where another way would cost less, or would be needed anyway.
/// That is a scan where few match, else a walk on which only matches take part (<see cref="SearchWay.ThroughMatching"/>). Where few match
/// around its start it is not begun.
/// Costs are in rows of codes ranked by a scan, measured on 100k × 512 at M = 16 (10 to 20 ns each); a row of other length changes all of
/// them alike.
/// </remarks>
internal readonly record struct SearchPlan(SearchWay Way, int PoolSize)
{
    private const int MinMatchesForGraph = 256;
    private const int CostOfNode = 50;
    private const int CostOfBridge = 4;

    // Of a node along all edges with a filter, beside rows that a scan reads by their sketches: what is ranked is looked up in the filter.
    private const int CostOfFilteredNode = 64;

    // A row that a scan estimates from its sketch, with its share of those that are ranked then. It does not depend on the dimension. Beyond
    // the first portion it is twice that: each portion may miss only its share, and so many sketches are not in the caches.
    private const double CostOfSketch = 0.5;

    // Along all edges: at most so many times ef nodes, and until the best k + ef / PartOfEfToPass matches were passed.
    private const double MaxEffort = 2.2;
    private const int PartOfEfToPass = 3;

    // Not tried where another way costs less than the least that it costs; of a scan that reads sketches, less than this part, because where
    // near neighbours match sketches tell little and many rows are ranked.
    private const double PartWorthATry = 0.5;

    // Given up where so much fewer match than in the whole, unless a few times k can be expected nevertheless; and where so few match that
    // the other ways cost less. The nearest to the query are ranked first, so that it takes a part of the rows that even matches would.
    private const double MuchRarer = 2.5;
    private const int ManyTimesK = 3;
    private const double PartOfEvenRows = 0.7;

    // Not begun where around the start a smaller part matches than it would be given up for; twice that where a scan that reads sketches may
    // cost less, because it finds more. Nor where fewer match than chance leaves there if matches lie evenly, two standard deviations of the
    // share among so many nodes, unless it is so many times the first.
    private const double LeastAroundStart = 2.5;
    private const int LeastBeforeSketches = 2;
    private const int NodesAroundStart = 100;

    // Judged when so many matches were to be expected, but not by fewer rows.
    private const int MatchesToJudge = 4;
    private const int MinRowsToJudge = 32;

    // Through matches: rows of neighbours that do not match, enough for the matches of a step where few match, and where none near does,
    // as around a query that lies outside of what matches. More bridges find more than more steps of fewer bridges in the same time. Where
    // matches lie evenly some 2 / share are read.
    private const double MatchesByBridges = 0.8;
    private const int MinBridges = 24;
    private const int MinMatchesByBridges = 8;
    private const int MatchesReadByBridges = 2;

    // At the same ef it finds less than an unfiltered walk, and would need up to so many times the steps to find as much, the more the fewer
    // match; a scan misses hardly any. Not so where as many match around the start as anywhere: there the best are near.
    private const double MostStepsForEqualRecall = 2.2;

    // Such a walk has found the best k when so many steps for each place of its pool brought no better.
    private const double StepsWithoutGain = 0.6;

    /// <summary>Along all edges to what matches: at least so many nodes are expanded.</summary>
    public int MinNodes { get; private init; }

    /// <summary>And at most so many.</summary>
    public int MaxNodes { get; private init; }

    /// <summary>Between them, until so many matches are better than what would be expanded next.</summary>
    public int EnoughMatches { get; private init; }

    /// <summary>Given up when a smaller part of what was ranked matches.</summary>
    public double LeastShare { get; private init; }

    /// <summary>Not begun when around the start a smaller part matches.</summary>
    public double LeastShareAroundStart { get; private init; }

    /// <summary>Judged after so many rows: as many as hold some matches if they lie evenly.</summary>
    public int RowsBeforeJudging { get; private init; }

    /// <summary>Through matches: how many rows of neighbours that do not match are worth reading a step.</summary>
    public int MaxBridges { get; private init; }

    /// <summary>Through matches: ends after so many steps in which the best <see cref="ResultCount"/> stayed the same.</summary>
    public int Patience { get; private init; }

    /// <summary>How many are wanted.</summary>
    public int ResultCount { get; private init; }

    public static SearchPlan Create(SearchRequest request)
    {
        // As many live nodes are kept as if nothing had been removed.
        double ef = request.Ef * (1 + ((double)request.DeadCount / Math.Max(1, request.LiveCount)));
        if (request.Mode == SearchMode.Scan)
        {
            return Scan(request);
        }
        if (request.Filter is null)
        {
            return CostOfScan(request) <= Math.Max(MinMatchesForGraph, ef * CostOfNode)
                ? Scan(request)
                : new SearchPlan(SearchWay.AllEdges, (int)ef);
        }
        SearchPlan otherwise = WithoutOthers(request, shareAroundStart: 0, out double costOtherwise);
        if (costOtherwise < Math.Max(MinMatchesForGraph, ef * CostOfNode * (request.ReadsSketches ? PartWorthATry : 1)))
        {
            return otherwise;
        }
        int k = request.Hits.Length;
        double share = MatchShare(request);
        double enough = k + (ef / PartOfEfToPass);
        double maxNodes = Math.Max(ef * MaxEffort, k / share);
        double leastShare = Math.Min(share / MuchRarer, ManyTimesK * k / maxNodes);
        double leastToBegin = leastShare;
        if (otherwise.Way == SearchWay.Scan && costOtherwise < maxNodes * (request.ReadsSketches ? CostOfFilteredNode : CostOfNode))
        {
            leastShare = Math.Max(leastShare, PartOfEvenRows * enough * CostOfNode / costOtherwise);
            leastToBegin = request.ReadsSketches ? leastShare * LeastBeforeSketches : leastShare;
        }
        double leastByChance = share - (2 * Math.Sqrt(share * (1 - share) / NodesAroundStart));
        return new SearchPlan(SearchWay.AllEdges, (int)Math.Max(enough, request.RerankCount))
        {
            MinNodes = (int)ef,
            MaxNodes = (int)maxNodes,
            EnoughMatches = (int)enough,
            LeastShare = leastShare,
            LeastShareAroundStart = Math.Clamp(Math.Max(leastByChance, leastToBegin), leastShare, leastShare * LeastAroundStart),
            RowsBeforeJudging = (int)Math.Max(MinRowsToJudge, MatchesToJudge / leastShare),
        };
    }

    /// <summary>What to try when this was given up, or found fewer than k.</summary>
    public SearchPlan Next(SearchRequest request, double shareAroundStart) =>
        request.Filter is not null && Way == SearchWay.AllEdges ? WithoutOthers(request, shareAroundStart, out _) : Scan(request);

    // What does not match takes no part: whichever costs less of a scan and a walk through what matches.
    private static SearchPlan WithoutOthers(SearchRequest request, double shareAroundStart, out double cost)
    {
        double share = MatchShare(request);
        int bridges = (int)Math.Clamp(MatchesByBridges / share, Math.Min(MinBridges, MinMatchesByBridges / share), 1000);
        double bridgesRead = Math.Min(bridges, MatchesReadByBridges / share);
        int poolSize = Math.Max(request.Ef, request.RerankCount);
        double steps = poolSize * (shareAroundStart >= share ? 1 : Math.Max(1, MostStepsForEqualRecall * (1 - share)));
        double costThrough = steps * (CostOfNode + (bridgesRead * CostOfBridge));
        double costOfScan = CostOfScan(request);
        cost = Math.Min(costThrough, costOfScan);
        if (costOfScan <= Math.Max(MinMatchesForGraph, costThrough))
        {
            return Scan(request);
        }
        return new SearchPlan(SearchWay.ThroughMatching, poolSize)
        {
            MaxBridges = bridges,
            Patience = (int)(poolSize * StepsWithoutGain),
            ResultCount = request.Hits.Length,
        };
    }

    private static SearchPlan Scan(SearchRequest request) => new(SearchWay.Scan, request.RerankCount);

    private static double CostOfScan(SearchRequest request) => request.ReadsSketches
        ? CostOfSketch * (request.MatchCount + Math.Max(0, request.MatchCount - SketchedSearch.Portion))
        : request.MatchCount;

    private static double MatchShare(SearchRequest request) =>
        Math.Clamp((double)request.MatchCount / Math.Max(1, request.Snapshot.SlotCount), 1e-9, 1);
}
