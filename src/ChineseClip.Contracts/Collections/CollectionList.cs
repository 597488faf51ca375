namespace ChineseClip.Contracts;

/// <summary>Answer of <c>GET /v1/collections</c>.</summary>
public sealed record CollectionList
{
    /// <summary>All collections, by name.</summary>
    public required IReadOnlyList<CollectionDescription> Collections { get; init; }
}
