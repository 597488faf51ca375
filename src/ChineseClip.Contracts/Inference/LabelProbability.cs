namespace ChineseClip.Contracts;

/// <summary>A label and its probability.</summary>
public sealed record LabelProbability
{
    /// <summary>The label as given.</summary>
    public required string Label { get; init; }

    /// <summary>0 to 1; the labels of one picture sum to 1.</summary>
    public required float Probability { get; init; }
}
