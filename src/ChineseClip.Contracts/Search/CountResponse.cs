namespace ChineseClip.Contracts;

/// <summary>Answer of a count.</summary>
public sealed record CountResponse
{
    /// <summary>Number of live items that fit.</summary>
    public required long Count { get; init; }
}
