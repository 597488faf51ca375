namespace ChineseClip.Abstractions;

/// <summary>One item to store: an id, exactly one of picture, text or vector, and an optional payload.</summary>
[GenerateSerializer, Alias("cc.PutItem"), Immutable]
public sealed record PutItem
{
    [Id(1)]
    private readonly OptionalBytes _image;

    [Id(4)]
    private readonly OptionalBytes _payload;

    /// <summary>The caller's key, 1 to 512 UTF-8 bytes; an item with the same id is replaced.</summary>
    [Id(0)]
    public required string Id { get; init; }

    /// <summary>A picture file as it lies on disk (JPEG, PNG, WebP, GIF, BMP).</summary>
    public ReadOnlyMemory<byte>? Image
    {
        get => _image.Value;
        init => _image = OptionalBytes.From(value);
    }

    /// <summary>A text to embed, 1 to 8,192 characters.</summary>
    [Id(2)]
    public string? Text { get; init; }

    /// <summary>A ready embedding; one that is not of unit length is normalised before it is stored.</summary>
    [Id(3)]
    public EmbeddingVector? Vector { get; init; }

    /// <summary>A JSON object in UTF-8 that comes back with hits and that filters look into; at most 64 KiB.</summary>
    public ReadOnlyMemory<byte>? Payload
    {
        get => _payload.Value;
        init => _payload = OptionalBytes.From(value);
    }
}
