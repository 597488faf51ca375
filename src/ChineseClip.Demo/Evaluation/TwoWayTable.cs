namespace ChineseClip.Demo.Evaluation;

/// <summary>Share of two-way choices answered rightly, by the altered fact; chance is 0.5, NaN where there was none to answer.</summary>
public sealed record TwoWayTable(double Kind, double Color, double Count, double Relation, double Swap);
