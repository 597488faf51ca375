namespace ChineseClip.Contracts;

/// <summary>Answer of <c>POST /v1/similarity</c>.</summary>
public sealed record SimilarityResponse
{
    /// <summary>[images, texts]: scaled cosine similarity of each picture with each text.</summary>
    public required IReadOnlyList<IReadOnlyList<float>> LogitsPerImage { get; init; }

    /// <summary>[texts, images]: the same, turned round.</summary>
    public required IReadOnlyList<IReadOnlyList<float>> LogitsPerText { get; init; }

    /// <summary>What the cosine similarities were multiplied by.</summary>
    public required float LogitScale { get; init; }

    /// <summary>[images, texts]: softmax over the texts, for each picture.</summary>
    public required IReadOnlyList<IReadOnlyList<float>> Probabilities { get; init; }
}
