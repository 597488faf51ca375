namespace ChineseClip.Abstractions;

/// <summary>One page of a walk.</summary>
[GenerateSerializer, Alias("cc.ScrollPage"), Immutable]
public sealed record ScrollPage
{
    /// <summary>The items, by id.</summary>
    [Id(0)]
    public required StoredItem[] Items { get; init; }

    /// <summary>Give this to get the next page; null after the last one.</summary>
    [Id(1)]
    public string? NextCursor { get; init; }
}
