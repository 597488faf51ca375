namespace ChineseClip.Abstractions;

/// <summary>The labels of every picture, most likely first.</summary>
[GenerateSerializer, Alias("cc.ClassifyAnswer"), Immutable]
public sealed record ClassifyAnswer
{
    /// <summary>One list a picture, in input order.</summary>
    [Id(0)]
    public required LabelProbability[][] Images { get; init; }
}
