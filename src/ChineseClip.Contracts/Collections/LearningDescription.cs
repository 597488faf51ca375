namespace ChineseClip.Contracts;

/// <summary>What a shard has learned from the text queries it answered since it was opened.</summary>
public sealed record LearningDescription
{
    /// <summary>Text queries seen.</summary>
    public required long QueriesSeen { get; init; }

    /// <summary>Queries whose neighbours were linked.</summary>
    public required long QueriesLearned { get; init; }

    /// <summary>Edges added to the graph.</summary>
    public required long EdgesAdded { get; init; }

    /// <summary>Recall@10 of held-out queries now; absent before any was measured.</summary>
    public double? Recall { get; init; }

    /// <summary>Recall@10 of the same queries without what was learned.</summary>
    public double? RecallWithoutLearning { get; init; }
}
