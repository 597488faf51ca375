namespace ChineseClip.Contracts;

/// <summary>Body of <c>POST /v1/classify</c>: zero-shot classification.</summary>
public sealed record ClassifyRequest
{
    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Pictures to classify.</summary>
    public required IReadOnlyList<ImageSource> Images { get; init; }

    /// <summary>Classes to choose among.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Sentence the label is put into at <c>{}</c>. Default <c>一张{}的照片</c>.</summary>
    public string? Template { get; init; }
}
