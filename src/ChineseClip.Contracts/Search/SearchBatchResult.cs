namespace ChineseClip.Contracts;

/// <summary>What became of one search of a batch: its answer or its error.</summary>
public sealed record SearchBatchResult
{
    /// <summary>The answer; absent when the search failed.</summary>
    public SearchResponse? Answer { get; init; }

    /// <summary>Why it failed; absent otherwise.</summary>
    public ElementError? Error { get; init; }
}
