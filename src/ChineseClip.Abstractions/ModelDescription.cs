namespace ChineseClip.Abstractions;

/// <summary>A configured model.</summary>
[GenerateSerializer, Alias("cc.ModelDescription"), Immutable]
public sealed record ModelDescription
{
    /// <summary>Its name in the configuration.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>Whether it is ready to embed.</summary>
    [Id(1)]
    public required ModelStatus Status { get; init; }

    /// <summary>Why it is not, when it is not.</summary>
    [Id(2)]
    public string? Error { get; init; }

    /// <summary>Its architecture, e.g. <c>ViT-B-16</c>.</summary>
    [Id(3)]
    public string? Architecture { get; init; }

    /// <summary>The length of its embeddings.</summary>
    [Id(4)]
    public int Dimension { get; init; }

    /// <summary>Side of the pictures it sees, in pixels.</summary>
    [Id(5)]
    public int ImageSize { get; init; }

    /// <summary>Tokens of a text it sees, both ends included.</summary>
    [Id(6)]
    public int MaxTextLength { get; init; }

    /// <summary>Its logit scale (not its logarithm).</summary>
    [Id(7)]
    public float LogitScale { get; init; }

    /// <summary>How its weights are held: <c>fp32</c>, <c>fp16</c> or <c>int8</c>.</summary>
    [Id(8)]
    public string? Precision { get; init; }

    /// <summary>What it was converted from.</summary>
    [Id(9)]
    public string? Source { get; init; }

    /// <summary>The identity of its package.</summary>
    [Id(10)]
    public string? Sha256 { get; init; }
}
