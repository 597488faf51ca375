namespace ChineseClip.Abstractions;

/// <summary>One item as it is stored.</summary>
[GenerateSerializer, Alias("cc.StoredItem"), Immutable]
public sealed record StoredItem
{
    [Id(1)]
    private readonly OptionalBytes _payload;

    /// <summary>The caller's key.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>The payload (JSON, UTF-8), when asked for and present.</summary>
    public ReadOnlyMemory<byte>? Payload
    {
        get => _payload.Value;
        init => _payload = OptionalBytes.From(value);
    }

    /// <summary>The unit vector, when asked for.</summary>
    [Id(2)]
    public EmbeddingVector? Vector { get; init; }
}
