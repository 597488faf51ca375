namespace ChineseClip.Abstractions;

/// <summary>What a shard has learned from the text queries it answered since it was opened.</summary>
[GenerateSerializer, Alias("cc.LearningState"), Immutable]
public sealed record LearningState
{
    /// <summary>Text queries seen.</summary>
    [Id(0)]
    public required long QueriesSeen { get; init; }

    /// <summary>Queries whose neighbours were linked.</summary>
    [Id(1)]
    public required long QueriesLearned { get; init; }

    /// <summary>Edges added to the graph.</summary>
    [Id(2)]
    public required long EdgesAdded { get; init; }

    /// <summary>Recall of held-out queries now; null before any was measured.</summary>
    [Id(3)]
    public double? Recall { get; init; }

    /// <summary>Recall of the same queries without what was learned.</summary>
    [Id(4)]
    public double? RecallWithoutLearning { get; init; }
}
