namespace ChineseClip.Contracts;

/// <summary>Body of <c>POST /v1/collections/{name}/items:delete</c>: exactly one of the two.</summary>
public sealed record DeleteItemsRequest
{
    /// <summary>Ids to delete; those that do not exist are passed over.</summary>
    public IReadOnlyList<string>? Ids { get; init; }

    /// <summary>Deletes every item that fits.</summary>
    public Filter? Filter { get; init; }
}
