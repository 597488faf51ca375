namespace ChineseClip.Abstractions;

/// <summary>One label and how likely it is.</summary>
[GenerateSerializer, Alias("cc.LabelProbability"), Immutable]
public sealed record LabelProbability
{
    /// <summary>The label.</summary>
    [Id(0)]
    public required string Label { get; init; }

    /// <summary>0 to 1; all labels of a picture add to 1.</summary>
    [Id(1)]
    public required float Probability { get; init; }
}
