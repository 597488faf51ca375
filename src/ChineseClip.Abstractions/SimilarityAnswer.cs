namespace ChineseClip.Abstractions;

/// <summary>Every picture against every text.</summary>
[GenerateSerializer, Alias("cc.SimilarityAnswer"), Immutable]
public sealed record SimilarityAnswer
{
    /// <summary>[images, texts]: cosine similarity times the model's logit scale.</summary>
    [Id(0)]
    public required float[][] LogitsPerImage { get; init; }

    /// <summary>[images, texts]: softmax of the logits over the texts of each picture.</summary>
    [Id(1)]
    public required float[][] Probabilities { get; init; }

    /// <summary>The model's logit scale (not its logarithm).</summary>
    [Id(2)]
    public required float LogitScale { get; init; }
}
