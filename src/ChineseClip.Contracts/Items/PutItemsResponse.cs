namespace ChineseClip.Contracts;

/// <summary>Answer of <c>PUT /v1/collections/{name}/items</c>: what became of each item, in input order.</summary>
public sealed record PutItemsResponse
{
    /// <summary>One result an item; those not <c>failed</c> are durable.</summary>
    public required IReadOnlyList<PutItemResult> Results { get; init; }
}
