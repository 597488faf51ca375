namespace ChineseClip.Contracts;

/// <summary>How one picture was classified.</summary>
public sealed record Classification
{
    /// <summary>Every label, most probable first.</summary>
    public required IReadOnlyList<LabelProbability> Labels { get; init; }
}
