using ChineseClip.Vectors.Kernels;

namespace ChineseClip.Vectors.Graph;

/// <summary>Leaves out nodes that hardly belong among the best, as their sketches say. The default one leaves out none.</summary>
/// <remarks>
/// A line of memory is read instead of a row of codes. A node is left out whose estimate is further below the limit than estimates are
/// usually off: of those that belong to the worst of the pool some are, of the best k hardly any.
/// </remarks>
internal readonly unsafe struct Sieve
{
    // How many standard deviations of the errors an estimate may be below the limit.
    private const double Deviations = 1.8;

    private readonly SketchSpace _sketches;
    private readonly int* _ranks;
    private readonly int _margin;

    private Sieve(SketchSpace sketches, int* ranks, int margin)
    {
        _sketches = sketches;
        _ranks = ranks;
        _margin = margin;
    }

    /// <summary>Measures how far off estimates are.</summary>
    /// <param name="sketches">Of the query.</param>
    /// <param name="ranked">Some nodes with their ranks; where there are none, estimates are taken as they are.</param>
    /// <param name="context">Whose memory to work in.</param>
    /// <param name="maxCount">The most that <see cref="Keep"/> is given.</param>
    public static Sieve Calibrate(SketchSpace sketches, ReadOnlySpan<long> ranked, SearchContext context, int maxCount)
    {
        int* nodes = context.Unvisited(ranked.Length + SketchKernel.RowsAtOnce);
        int* ranks = context.Estimates(Math.Max(maxCount, ranked.Length) + CompactKernel.Slack);
        for (int i = 0; i < ranked.Length; i++)
        {
            nodes[i] = RankKey.Ordinal(ranked[i]);
            sketches.Prefetch(nodes[i]);
        }
        sketches.Estimate(nodes, ranks, ranked.Length);
        EstimateErrors errors = default;
        for (int i = 0; i < ranked.Length; i++)
        {
            errors.Add(RankKey.Rank(ranked[i]) - ranks[i]);
        }
        return new Sieve(sketches, ranks, errors.Margin(Deviations));
    }

    /// <summary>Starts fetching the sketches of some nodes.</summary>
    public void Prefetch(int* nodes, int first, int end)
    {
        for (int i = first; i < end && _ranks != null; i++)
        {
            _sketches.Prefetch(nodes[i]);
        }
    }

    /// <summary>Keeps, in their order, the nodes whose keys may be below the limit; returns how many.</summary>
    public int Keep(int* nodes, int count, long limit)
    {
        if (_ranks == null || limit == long.MaxValue || count == 0)
        {
            return count;
        }
        _sketches.Estimate(nodes, _ranks, count);
        return CompactKernel.Above((int)Math.Max((long)RankKey.Rank(limit) - _margin, int.MinValue), nodes, _ranks, count);
    }
}
