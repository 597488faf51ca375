namespace ChineseClip.Abstractions;

/// <summary>One found item.</summary>
[GenerateSerializer, Alias("cc.SearchHit"), Immutable]
public sealed record SearchHit
{
    [Id(2)]
    private readonly OptionalBytes _payload;

    /// <summary>The caller's key.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>Cosine similarity, -1 to 1.</summary>
    [Id(1)]
    public required float Score { get; init; }

    /// <summary>The payload as it was stored (JSON, UTF-8), when asked for.</summary>
    public ReadOnlyMemory<byte>? Payload
    {
        get => _payload.Value;
        init => _payload = OptionalBytes.From(value);
    }

    /// <summary>The stored unit vector, when asked for.</summary>
    [Id(3)]
    public EmbeddingVector? Vector { get; init; }

    /// <summary>The shard it came from.</summary>
    [Id(4)]
    public int Shard { get; init; }

    /// <summary>That shard's lease epoch.</summary>
    [Id(5)]
    public long Epoch { get; init; }

    /// <summary>The log sequence number that shard had applied.</summary>
    [Id(6)]
    public long Lsn { get; init; }
}
