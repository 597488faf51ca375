namespace ChineseClip.Abstractions;

/// <summary>The cluster as it stands.</summary>
[GenerateSerializer, Alias("cc.ClusterDescription"), Immutable]
public sealed record ClusterDescription
{
    /// <summary>Its id.</summary>
    [Id(0)]
    public required string ClusterId { get; init; }

    /// <summary>Its processes.</summary>
    [Id(1)]
    public required SiloState[] Silos { get; init; }

    /// <summary>Its collections with their shards.</summary>
    [Id(2)]
    public required CollectionDescription[] Collections { get; init; }

    /// <summary>Its encoders.</summary>
    [Id(3)]
    public required EncoderState[] Encoders { get; init; }

    /// <summary>Its bounded queues.</summary>
    [Id(4)]
    public required QueueState[] Queues { get; init; }
}
