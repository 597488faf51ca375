namespace ChineseClip.Contracts;

/// <summary>Answer of <c>POST /v1/collections/{name}/facets</c>.</summary>
public sealed record FacetsResponse
{
    /// <summary>One entry a field, in the order asked.</summary>
    public required IReadOnlyList<Facet> Facets { get; init; }
}
