namespace ChineseClip.Abstractions;

/// <summary>Pictures and texts to compare with one another.</summary>
[GenerateSerializer, Alias("cc.SimilarityQuery"), Immutable]
public sealed record SimilarityQuery
{
    /// <summary>The configured model.</summary>
    [Id(0)]
    public required string Model { get; init; }

    /// <summary>1 to 256 picture files.</summary>
    [Id(1)]
    public required NamedImage[] Images { get; init; }

    /// <summary>1 to 256 texts.</summary>
    [Id(2)]
    public required string[] Texts { get; init; }

    /// <summary>How long the caller waits.</summary>
    [Id(3)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
