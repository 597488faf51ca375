namespace ChineseClip.Contracts;

/// <summary>Answer of <c>POST /v1/embeddings</c>, in input order.</summary>
public sealed record EmbeddingsResponse
{
    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Length of every vector.</summary>
    public required int Dimension { get; init; }

    /// <summary>One unit vector a text.</summary>
    public IReadOnlyList<IReadOnlyList<float>>? TextEmbeddings { get; init; }

    /// <summary>One unit vector a picture.</summary>
    public IReadOnlyList<IReadOnlyList<float>>? ImageEmbeddings { get; init; }
}
