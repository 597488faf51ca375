namespace ChineseClip.Contracts;

/// <summary>The values of one payload field.</summary>
public sealed record Facet
{
    /// <summary>The field.</summary>
    public required string Field { get; init; }

    /// <summary>Its values, most frequent first.</summary>
    public required IReadOnlyList<FacetValue> Values { get; init; }
}
