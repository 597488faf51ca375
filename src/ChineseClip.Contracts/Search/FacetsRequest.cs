namespace ChineseClip.Contracts;

/// <summary>
/// Body of <c>POST /v1/collections/{name}/facets</c>: how often each value of some payload fields occurs.
/// </summary>
public sealed record FacetsRequest
{
    /// <summary>Payload fields; dots reach into nested objects. An array counts each of its values.</summary>
    public required IReadOnlyList<string> Fields { get; init; }

    /// <summary>Only items that fit.</summary>
    public Filter? Filter { get; init; }

    /// <summary>Values a field at most, most frequent first, 1 to 1000. Default 20.</summary>
    public int? Limit { get; init; }
}
