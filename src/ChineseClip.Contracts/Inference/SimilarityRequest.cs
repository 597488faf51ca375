namespace ChineseClip.Contracts;

/// <summary>Body of <c>POST /v1/similarity</c>.</summary>
public sealed record SimilarityRequest
{
    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Pictures.</summary>
    public required IReadOnlyList<ImageSource> Images { get; init; }

    /// <summary>Texts.</summary>
    public required IReadOnlyList<string> Texts { get; init; }
}
