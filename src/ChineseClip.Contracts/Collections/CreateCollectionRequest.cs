namespace ChineseClip.Contracts;

/// <summary>Body of <c>PUT /v1/collections/{name}</c>.</summary>
public sealed record CreateCollectionRequest
{
    /// <summary>
    /// Name of the model that embeds the items and queries of the collection, as <c>GET /v1/models</c> lists it.
    /// </summary>
    public string? Model { get; init; }

    /// <summary>Length of its vectors: needed without a model, and with one equal to the model's.</summary>
    public int? Dimension { get; init; }

    /// <summary>Number of shards, fixed for the life of the collection. Default: the server's.</summary>
    public int? Shards { get; init; }

    /// <summary>Copies of each shard, the primary included. Default 1.</summary>
    public int? Replicas { get; init; }

    /// <summary>How each shard's vector index is built. Default: the server's.</summary>
    public IndexSettings? Index { get; init; }
}
