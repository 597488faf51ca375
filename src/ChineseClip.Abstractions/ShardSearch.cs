namespace ChineseClip.Abstractions;

/// <summary>A search inside one shard.</summary>
[GenerateSerializer, Alias("cc.ShardSearch"), Immutable]
public sealed record ShardSearch
{
    /// <summary>The collection's incarnation; another one is refused.</summary>
    [Id(0)]
    public required Guid Incarnation { get; init; }

    /// <summary>The model that embedded the query; null for a ready vector.</summary>
    [Id(1)]
    public string? ModelSha256 { get; init; }

    /// <summary>The unit query vector.</summary>
    [Id(2)]
    public required EmbeddingVector Vector { get; init; }

    /// <summary>How many hits.</summary>
    [Id(3)]
    public required int K { get; init; }

    /// <summary>Candidates to keep.</summary>
    [Id(4)]
    public required int Ef { get; init; }

    /// <summary>Compare with every vector.</summary>
    [Id(5)]
    public bool Exact { get; init; }

    /// <summary>Which items may be hits.</summary>
    [Id(6)]
    public FilterClause? Filter { get; init; }

    /// <summary>Hits below this are left out.</summary>
    [Id(7)]
    public float? MinScore { get; init; }

    /// <summary>Items that must not be hits.</summary>
    [Id(8)]
    public string[] ExcludedIds { get; init; } = [];

    /// <summary>Whether hits carry their payload.</summary>
    [Id(9)]
    public bool WithPayload { get; init; }

    /// <summary>Whether hits carry their vector.</summary>
    [Id(10)]
    public bool WithVector { get; init; }

    /// <summary>Given up when it has not begun by then.</summary>
    [Id(11)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the vector is that of a text, from which a shard learns.</summary>
    [Id(12)]
    public bool IsText { get; init; }
}
