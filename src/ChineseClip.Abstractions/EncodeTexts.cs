namespace ChineseClip.Abstractions;

/// <summary>Texts for one encoder.</summary>
[GenerateSerializer, Alias("cc.EncodeTexts"), Immutable]
public sealed record EncodeTexts
{
    /// <summary>The texts; none empty.</summary>
    [Id(0)]
    public required string[] Texts { get; init; }

    /// <summary>A text still waiting after this is given up.</summary>
    [Id(1)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
