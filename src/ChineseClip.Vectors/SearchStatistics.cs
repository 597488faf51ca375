namespace ChineseClip.Vectors;

/// <summary>What one search found and what it cost.</summary>
/// <param name="Found">Hits written; less than k only when fewer items match.</param>
/// <param name="VisitedCount">Graph nodes whose neighbours were looked at (0 for an exact scan).</param>
/// <param name="ScoredCount">Vectors compared with the query; a scan counts those whose sketches it reads, landmarks that are passed over do not count.</param>
public readonly record struct SearchStatistics(int Found, int VisitedCount, int ScoredCount);
