namespace ChineseClip.Contracts;

/// <summary>Body of <c>POST /v1/embeddings</c>: texts, pictures or both.</summary>
public sealed record EmbeddingsRequest
{
    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Texts to embed.</summary>
    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>Pictures to embed.</summary>
    public IReadOnlyList<ImageSource>? Images { get; init; }
}
