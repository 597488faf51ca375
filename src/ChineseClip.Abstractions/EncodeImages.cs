namespace ChineseClip.Abstractions;

/// <summary>Pictures for one encoder, already resized to its input.</summary>
[GenerateSerializer, Alias("cc.EncodeImages"), Immutable]
public sealed record EncodeImages
{
    /// <summary>Each ImageSize x ImageSize x 3 bytes, RGB, row by row.</summary>
    [Id(0)]
    public required ReadOnlyMemory<byte>[] Images { get; init; }

    /// <summary>A picture still waiting after this is given up.</summary>
    [Id(1)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
