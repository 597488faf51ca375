namespace ChineseClip.Abstractions;

/// <summary>What became of one item of a <see cref="PutItems"/>.</summary>
[GenerateSerializer, Alias("cc.ItemOutcome"), Immutable]
public sealed record ItemOutcome
{
    /// <summary>The caller's key, as given.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>Whether the item is new, replaced another, or failed.</summary>
    [Id(1)]
    public required ItemStatus Status { get; init; }

    /// <summary>The reason when <see cref="Status"/> is <see cref="ItemStatus.Failed"/>; otherwise null.</summary>
    [Id(2)]
    public ItemError? Error { get; init; }
}
