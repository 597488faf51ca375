namespace ChineseClip.Contracts;

/// <summary>Answer of <c>POST /v1/collections/{name}/search:batch</c>.</summary>
public sealed record SearchBatchResponse
{
    /// <summary>One result a search, in input order.</summary>
    public required IReadOnlyList<SearchBatchResult> Results { get; init; }
}
