namespace ChineseClip.Abstractions;

/// <summary>The answer to one query of a <see cref="SearchBatch"/>, or its error.</summary>
[GenerateSerializer, Alias("cc.SearchOutcome"), Immutable]
public sealed record SearchOutcome
{
    /// <summary>The answer; null when the query failed.</summary>
    [Id(0)]
    public SearchAnswer? Answer { get; init; }

    /// <summary>The reason; null when it succeeded.</summary>
    [Id(1)]
    public ItemError? Error { get; init; }
}
