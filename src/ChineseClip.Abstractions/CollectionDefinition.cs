namespace ChineseClip.Abstractions;

/// <summary>What a collection is; stored once when it is created and checked on every write and query.</summary>
[GenerateSerializer, Alias("cc.CollectionDefinition"), Immutable]
public sealed record CollectionDefinition
{
    /// <summary>Its name.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>The configured model that embeds for it; null when it takes ready vectors only.</summary>
    [Id(1)]
    public string? Model { get; init; }

    /// <summary>The identity of that model's package.</summary>
    [Id(2)]
    public string? ModelSha256 { get; init; }

    /// <summary>The length of its vectors.</summary>
    [Id(3)]
    public required int Dimension { get; init; }

    /// <summary>How many shards it is split into.</summary>
    [Id(4)]
    public required int Shards { get; init; }

    /// <summary>Copies of each shard.</summary>
    [Id(5)]
    public required int Replicas { get; init; }

    /// <summary>Neighbours of a node in the graph.</summary>
    [Id(6)]
    public required int M { get; init; }

    /// <summary>Candidates looked at while inserting.</summary>
    [Id(7)]
    public required int EfConstruction { get; init; }

    /// <summary>How vectors are held.</summary>
    [Id(8)]
    public required string Quantization { get; init; }

    /// <summary>When it was created (UTC).</summary>
    [Id(9)]
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// Names this creation, so that a collection deleted and created anew never sees the old one's shards.
    /// </summary>
    [Id(10)]
    public required Guid Incarnation { get; init; }

    /// <summary>The snapshot it was restored from; null for one that began empty.</summary>
    [Id(11)]
    public string? RestoredFrom { get; init; }

    /// <summary>Whether its shards learn from the text queries they answer.</summary>
    [Id(12)]
    public bool Learns { get; init; } = true;
}
