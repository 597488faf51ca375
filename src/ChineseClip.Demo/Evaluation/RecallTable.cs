namespace ChineseClip.Demo.Evaluation;

/// <summary>Share of captions whose own picture is among the first 1, 5, 10.</summary>
public sealed record RecallTable(double R1, double R5, double R10);
