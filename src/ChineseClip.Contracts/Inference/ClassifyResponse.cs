namespace ChineseClip.Contracts;

/// <summary>Answer of <c>POST /v1/classify</c>, in input order.</summary>
public sealed record ClassifyResponse
{
    /// <summary>One result a picture.</summary>
    public required IReadOnlyList<Classification> Results { get; init; }
}
