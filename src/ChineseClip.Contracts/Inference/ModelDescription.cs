namespace ChineseClip.Contracts;

/// <summary>A model the server is configured with.</summary>
public sealed record ModelDescription
{
    /// <summary>Name under <c>Inference:Models</c>.</summary>
    public required string Name { get; init; }

    /// <summary><c>available</c> or <c>unavailable</c>.</summary>
    public required string State { get; init; }

    /// <summary>Why it is unavailable, when it is.</summary>
    public string? Detail { get; init; }

    /// <summary>Architecture of the checkpoint.</summary>
    public string? Architecture { get; init; }

    /// <summary>Length of its embeddings.</summary>
    public int? Dimension { get; init; }

    /// <summary>Pixels along each side of the encoder's input.</summary>
    public int? ImageSize { get; init; }

    /// <summary>Tokens a text may have, the special ones included.</summary>
    public int? MaxTextLength { get; init; }

    /// <summary><c>fp32</c>, <c>fp16</c> or <c>int8</c>.</summary>
    public string? Precision { get; init; }

    /// <summary>Identity of the package: SHA-256 in lower-case hex.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Checkpoint it was converted from.</summary>
    public string? Source { get; init; }
}
