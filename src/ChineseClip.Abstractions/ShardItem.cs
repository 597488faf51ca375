namespace ChineseClip.Abstractions;

/// <summary>An item on its way into a shard: checked, embedded, of unit length.</summary>
[GenerateSerializer, Alias("cc.ShardItem"), Immutable]
public sealed record ShardItem
{
    [Id(2)]
    private readonly OptionalBytes _payload;

    /// <summary>The caller's key.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>The unit vector.</summary>
    [Id(1)]
    public required EmbeddingVector Vector { get; init; }

    /// <summary>A JSON object in UTF-8.</summary>
    public ReadOnlyMemory<byte>? Payload
    {
        get => _payload.Value;
        init => _payload = OptionalBytes.From(value);
    }
}
