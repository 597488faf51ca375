namespace ChineseClip.Vectors;

/// <summary>What a <see cref="QueryLearner"/> has done, and what the index gained by it.</summary>
public sealed record LearningReport
{
    /// <summary>Queries observed while learning was on.</summary>
    public required long QueriesSeen { get; init; }

    /// <summary>Queries whose neighbours were linked, those repeated after the data changed included.</summary>
    public required long QueriesLearned { get; init; }

    /// <summary>Queries whose neighbours an ordinary search found already; nothing was linked for them.</summary>
    public required long QueriesKnown { get; init; }

    /// <summary>Edges written, and how many of these took the place of an older one.</summary>
    public required long EdgesAdded { get; init; }

    public required long EdgesReplaced { get; init; }

    /// <summary>How often the remembered queries were learned again because the data had changed.</summary>
    public required long Relearnings { get; init; }

    /// <summary>Held-out queries that the two figures below are of: the most recent ones.</summary>
    public required int SampledQueries { get; init; }

    /// <summary>Share of the true best K that a search at the serving effort finds; null before the first sample.</summary>
    public required double? SampledRecall { get; init; }

    /// <summary>The same for the same queries if the learned edges were not there.</summary>
    public required double? SampledRecallWithoutLearning { get; init; }
}
