namespace ChineseClip.Contracts;

/// <summary>Body of <c>POST /v1/collections/{name}/search:batch</c>.</summary>
public sealed record SearchBatchRequest
{
    /// <summary>Searches to run together.</summary>
    public required IReadOnlyList<SearchRequest> Searches { get; init; }
}
