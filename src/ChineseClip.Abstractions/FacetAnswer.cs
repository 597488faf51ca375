namespace ChineseClip.Abstractions;

/// <summary>The values of a field, most frequent first, equal counts by value.</summary>
[GenerateSerializer, Alias("cc.FacetAnswer"), Immutable]
public sealed record FacetAnswer
{
    /// <summary>The values.</summary>
    [Id(0)]
    public required FacetCount[] Facets { get; init; }
}
