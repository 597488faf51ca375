namespace ChineseClip.Contracts;

/// <summary>What became of one item.</summary>
public sealed record PutItemResult
{
    /// <summary>Id of the item.</summary>
    public required string Id { get; init; }

    /// <summary><c>created</c>, <c>updated</c> or <c>failed</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Why it failed; absent otherwise.</summary>
    public ElementError? Error { get; init; }
}
