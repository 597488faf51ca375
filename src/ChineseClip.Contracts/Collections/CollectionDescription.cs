namespace ChineseClip.Contracts;

/// <summary>A collection: its definition and its present state.</summary>
public sealed record CollectionDescription
{
    /// <summary>Name of the collection.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the model that embeds its items and queries; absent when it takes ready vectors only.</summary>
    public string? Model { get; init; }

    /// <summary>Identity of that model: SHA-256 of its package, in lower-case hex.</summary>
    public string? ModelSha256 { get; init; }

    /// <summary>Length of every vector.</summary>
    public required int Dimension { get; init; }

    /// <summary>
    /// <c>ready</c> when every shard answers, <c>loading</c> while shards read their logs, <c>degraded</c> when some
    /// do not answer.
    /// </summary>
    public required string Status { get; init; }

    /// <summary>Live items in all shards that answered.</summary>
    public required long ItemCount { get; init; }

    /// <summary>Copies of each shard, the primary included.</summary>
    public required int Replicas { get; init; }

    /// <summary>How each shard's vector index is built.</summary>
    public required IndexSettings Index { get; init; }

    /// <summary>When the collection was created (UTC).</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Other names that stand for it.</summary>
    public IReadOnlyList<string>? Aliases { get; init; }

    /// <summary>State of each shard, by ordinal.</summary>
    public required IReadOnlyList<ShardDescription> Shards { get; init; }
}
