namespace ChineseClip.Contracts;

/// <summary>Body of <c>PUT /v1/collections/{name}/items</c>.</summary>
public sealed record PutItemsRequest
{
    /// <summary>Items to store; an id that exists is replaced.</summary>
    public required IReadOnlyList<PutItem> Items { get; init; }
}
