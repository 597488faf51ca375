namespace ChineseClip.Abstractions;

/// <summary>Texts to embed.</summary>
[GenerateSerializer, Alias("cc.EmbedTexts"), Immutable]
public sealed record EmbedTexts
{
    /// <summary>The configured model.</summary>
    [Id(0)]
    public required string Model { get; init; }

    /// <summary>1 to 256 texts of 1 to 8,192 characters.</summary>
    [Id(1)]
    public required string[] Texts { get; init; }

    /// <summary>How long the caller waits.</summary>
    [Id(2)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
