namespace ChineseClip.Contracts;

/// <summary>Body of <c>POST /v1/collections/{name}/count</c>.</summary>
public sealed record CountRequest
{
    /// <summary>Counts only items that fit; absent counts all.</summary>
    public Filter? Filter { get; init; }
}
