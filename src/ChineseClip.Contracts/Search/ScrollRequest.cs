namespace ChineseClip.Contracts;

/// <summary>
/// Body of <c>POST /v1/collections/{name}/scroll</c>: every item that fits, page by page, in an order that stays the
/// same.
/// </summary>
public sealed record ScrollRequest
{
    /// <summary><see cref="ScrollResponse.NextCursor"/> of the page before; absent for the first page.</summary>
    public string? Cursor { get; init; }

    /// <summary>Items a page, 1 to 1000. Default 100.</summary>
    public int? Limit { get; init; }

    /// <summary>Only items that fit.</summary>
    public Filter? Filter { get; init; }

    /// <summary>Return payloads. Default true.</summary>
    public bool? WithPayload { get; init; }

    /// <summary>Return vectors. Default false.</summary>
    public bool? WithVector { get; init; }
}
