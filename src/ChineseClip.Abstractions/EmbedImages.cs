namespace ChineseClip.Abstractions;

/// <summary>Pictures to embed.</summary>
[GenerateSerializer, Alias("cc.EmbedImages"), Immutable]
public sealed record EmbedImages
{
    /// <summary>The configured model.</summary>
    [Id(0)]
    public required string Model { get; init; }

    /// <summary>1 to 256 picture files.</summary>
    [Id(1)]
    public required NamedImage[] Images { get; init; }

    /// <summary>How long the caller waits.</summary>
    [Id(2)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
