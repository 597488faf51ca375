namespace ChineseClip.Abstractions;

/// <summary>Pictures to sort under labels without training.</summary>
[GenerateSerializer, Alias("cc.ClassifyQuery"), Immutable]
public sealed record ClassifyQuery
{
    /// <summary>The configured model.</summary>
    [Id(0)]
    public required string Model { get; init; }

    /// <summary>1 to 256 picture files.</summary>
    [Id(1)]
    public required NamedImage[] Images { get; init; }

    /// <summary>2 to 256 labels.</summary>
    [Id(2)]
    public required string[] Labels { get; init; }

    /// <summary>The sentence a label is put into; <c>{}</c> is where.</summary>
    [Id(3)]
    public string Template { get; init; } = "一张{}的照片";

    /// <summary>How long the caller waits.</summary>
    [Id(4)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
