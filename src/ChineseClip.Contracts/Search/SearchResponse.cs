namespace ChineseClip.Contracts;

/// <summary>Answer of a search.</summary>
public sealed record SearchResponse
{
    /// <summary>Hits, best first; equal scores by id.</summary>
    public required IReadOnlyList<SearchHit> Hits { get; init; }

    /// <summary>Shards the query was sent to.</summary>
    public required int ShardsAsked { get; init; }

    /// <summary>
    /// Shards whose answer is in it; fewer than <see cref="ShardsAsked"/> only when the caller allowed a partial
    /// answer.
    /// </summary>
    public required int ShardsAnswered { get; init; }

    /// <summary>Graph nodes all shards visited.</summary>
    public long? VisitedCount { get; init; }

    /// <summary>Vectors all shards compared the query with.</summary>
    public long? ScoredCount { get; init; }

    /// <summary>Where the time went.</summary>
    public required SearchTimings Timings { get; init; }
}
