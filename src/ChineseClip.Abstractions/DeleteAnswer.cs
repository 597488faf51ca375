namespace ChineseClip.Abstractions;

/// <summary>What a delete did.</summary>
[GenerateSerializer, Alias("cc.DeleteAnswer"), Immutable]
public sealed record DeleteAnswer
{
    /// <summary>Items that were there and are gone.</summary>
    [Id(0)]
    public required long DeletedCount { get; init; }

    /// <summary>Which of the given ids were there (empty for a delete by filter).</summary>
    [Id(1)]
    public string[] DeletedIds { get; init; } = [];
}
