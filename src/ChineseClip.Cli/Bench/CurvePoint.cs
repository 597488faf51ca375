namespace ChineseClip.Cli.Bench;

/// <summary>One point of a curve.</summary>
/// <param name="Ef">Size of the candidate pool.</param>
/// <param name="Recall">Share of the true k neighbours found.</param>
/// <param name="QpsCpu">Queries per second of CPU time, of all threads together.</param>
/// <param name="QpsWall">Queries per second of the clock on the wall.</param>
/// <param name="ScoredPerQuery">Vectors compared with a query, where the engine counts them.</param>
internal sealed record CurvePoint(int Ef, double Recall, double QpsCpu, double QpsWall, double? ScoredPerQuery)
{
    /// <summary>The faster measurement of the same point, for each clock.</summary>
    public CurvePoint BetterOf(CurvePoint other) => this with
    {
        QpsCpu = Math.Max(QpsCpu, other.QpsCpu),
        QpsWall = Math.Max(QpsWall, other.QpsWall),
    };
}
