namespace ChineseClip.Abstractions;

/// <summary>One value of a field and how many items have it.</summary>
[GenerateSerializer, Alias("cc.FacetCount"), Immutable]
public sealed record FacetCount
{
    /// <summary>The value.</summary>
    [Id(0)]
    public required FilterValue Value { get; init; }

    /// <summary>Items that have it.</summary>
    [Id(1)]
    public required long Count { get; init; }
}
