namespace ChineseClip.Contracts;

/// <summary>One page of a scroll.</summary>
public sealed record ScrollResponse
{
    /// <summary>Items of this page.</summary>
    public required IReadOnlyList<ItemResponse> Items { get; init; }

    /// <summary>What to send for the next page; absent on the last.</summary>
    public string? NextCursor { get; init; }
}
