namespace ChineseClip.Abstractions;

/// <summary>Several searches in one call.</summary>
[GenerateSerializer, Alias("cc.SearchBatch"), Immutable]
public sealed record SearchBatch
{
    /// <summary>1 to 256 queries.</summary>
    [Id(0)]
    public required SearchQuery[] Queries { get; init; }
}
