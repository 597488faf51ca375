namespace ChineseClip.Abstractions;

/// <summary>
/// A search by examples: near the positive items, away from the negative ones; the examples are left out.
/// </summary>
[GenerateSerializer, Alias("cc.RecommendQuery"), Immutable]
public sealed record RecommendQuery
{
    /// <summary>The collection's name.</summary>
    [Id(0)]
    public required string Collection { get; init; }

    /// <summary>Ids of 1 to 100 items to be near.</summary>
    [Id(1)]
    public required string[] Positive { get; init; }

    /// <summary>Ids of up to 100 items to be far from.</summary>
    [Id(2)]
    public string[] Negative { get; init; } = [];

    /// <summary>How many hits, 1 to 1,000.</summary>
    [Id(3)]
    public int K { get; init; } = 10;

    /// <summary>Candidates a shard keeps; null means max(64, 2K).</summary>
    [Id(4)]
    public int? Ef { get; init; }

    /// <summary>Which items may be hits.</summary>
    [Id(5)]
    public FilterClause? Filter { get; init; }

    /// <summary>Hits below this cosine similarity to the combined vector are left out.</summary>
    [Id(6)]
    public float? MinScore { get; init; }

    /// <summary>Compare with every vector instead of walking the graph.</summary>
    [Id(7)]
    public bool Exact { get; init; }

    /// <summary>Whether hits carry their payload.</summary>
    [Id(8)]
    public bool WithPayload { get; init; } = true;

    /// <summary>Whether hits carry their vector.</summary>
    [Id(9)]
    public bool WithVector { get; init; }

    /// <summary>Whether an answer without some shard is wanted.</summary>
    [Id(10)]
    public bool AllowPartial { get; init; }

    /// <summary>How long the caller waits.</summary>
    [Id(11)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
