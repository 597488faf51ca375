namespace ChineseClip.Contracts;

/// <summary>Answer of a delete; durable once it is given.</summary>
public sealed record DeleteItemsResponse
{
    /// <summary>Number of items that existed and are gone.</summary>
    public required long Deleted { get; init; }
}
