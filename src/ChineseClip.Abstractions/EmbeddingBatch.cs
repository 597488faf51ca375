namespace ChineseClip.Abstractions;

/// <summary>Embeddings in input order, with the identity of the model that made them.</summary>
[GenerateSerializer, Alias("cc.EmbeddingBatch"), Immutable]
public sealed record EmbeddingBatch
{
    /// <summary>The model package's SHA-256.</summary>
    [Id(0)]
    public required string ModelSha256 { get; init; }

    /// <summary>The length of each vector.</summary>
    [Id(1)]
    public required int Dimension { get; init; }

    /// <summary>Unit vectors, one an input.</summary>
    [Id(2)]
    public required EmbeddingVector[] Vectors { get; init; }
}
