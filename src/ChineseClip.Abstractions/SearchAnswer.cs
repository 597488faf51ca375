namespace ChineseClip.Abstractions;

/// <summary>The merged hits of all shards that answered, best first, equal scores by id.</summary>
[GenerateSerializer, Alias("cc.SearchAnswer"), Immutable]
public sealed record SearchAnswer
{
    /// <summary>At most K hits.</summary>
    [Id(0)]
    public required SearchHit[] Hits { get; init; }

    /// <summary>Shards the collection has.</summary>
    [Id(1)]
    public required int ShardsAsked { get; init; }

    /// <summary>
    /// Shards whose hits are merged here; fewer than asked only with <see cref="SearchQuery.AllowPartial"/>.
    /// </summary>
    [Id(2)]
    public required int ShardsAnswered { get; init; }

    /// <summary>Where the time went.</summary>
    [Id(3)]
    public required SearchTimings Timings { get; init; }

    /// <summary>Graph nodes all shards visited.</summary>
    [Id(4)]
    public long VisitedCount { get; init; }

    /// <summary>Vectors all shards compared with.</summary>
    [Id(5)]
    public long ScoredCount { get; init; }
}
