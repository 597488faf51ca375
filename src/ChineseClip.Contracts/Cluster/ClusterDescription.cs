namespace ChineseClip.Contracts;

/// <summary>Answer of <c>GET /v1/cluster</c>.</summary>
public sealed record ClusterDescription
{
    /// <summary>Identity of the cluster.</summary>
    public required string ClusterId { get; init; }

    /// <summary>Version of the server that answered.</summary>
    public required string Version { get; init; }

    /// <summary>Every member.</summary>
    public required IReadOnlyList<SiloDescription> Silos { get; init; }

    /// <summary>Every shard of every collection.</summary>
    public required IReadOnlyList<ShardDescription> Shards { get; init; }

    /// <summary>Every encoder that is loaded.</summary>
    public required IReadOnlyList<EncoderDescription> Encoders { get; init; }

    /// <summary>Every queue that can fill up.</summary>
    public required IReadOnlyList<QueueDescription> Queues { get; init; }
}
