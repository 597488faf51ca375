namespace ChineseClip.Abstractions;

/// <summary>One search: a collection, exactly one of text, picture, id or vector, and how to answer.</summary>
[GenerateSerializer, Alias("cc.SearchQuery"), Immutable]
public sealed record SearchQuery
{
    [Id(2)]
    private readonly OptionalBytes _image;

    /// <summary>The collection's name.</summary>
    [Id(0)]
    public required string Collection { get; init; }

    /// <summary>Find what this text describes; 1 to 8,192 characters.</summary>
    [Id(1)]
    public string? Text { get; init; }

    /// <summary>Find what is like this picture file.</summary>
    public ReadOnlyMemory<byte>? Image
    {
        get => _image.Value;
        init => _image = OptionalBytes.From(value);
    }

    /// <summary>Find what is like this stored item; the item itself is left out.</summary>
    [Id(3)]
    public string? Id { get; init; }

    /// <summary>Find what is near this embedding; normalised when not of unit length.</summary>
    [Id(4)]
    public EmbeddingVector? Vector { get; init; }

    /// <summary>How many hits, 1 to 1,000.</summary>
    [Id(5)]
    public int K { get; init; } = 10;

    /// <summary>Candidates a shard keeps, K to 10,000; null means max(64, 2K).</summary>
    [Id(6)]
    public int? Ef { get; init; }

    /// <summary>Which items may be hits.</summary>
    [Id(7)]
    public FilterClause? Filter { get; init; }

    /// <summary>Hits below this cosine similarity are left out; -1 to 1.</summary>
    [Id(8)]
    public float? MinScore { get; init; }

    /// <summary>Compare with every vector instead of walking the graph.</summary>
    [Id(9)]
    public bool Exact { get; init; }

    /// <summary>Whether hits carry their payload.</summary>
    [Id(10)]
    public bool WithPayload { get; init; } = true;

    /// <summary>Whether hits carry their vector.</summary>
    [Id(11)]
    public bool WithVector { get; init; }

    /// <summary>Whether an answer without some shard is wanted; otherwise that is an error.</summary>
    [Id(12)]
    public bool AllowPartial { get; init; }

    /// <summary>How long the caller waits, embedding included; up to 10 minutes.</summary>
    [Id(13)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>When set, the query is refused unless the collection was embedded by this model.</summary>
    [Id(14)]
    public string? ExpectedModelSha256 { get; init; }
}
