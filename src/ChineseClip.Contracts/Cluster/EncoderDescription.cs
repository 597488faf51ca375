namespace ChineseClip.Contracts;

/// <summary>One loaded half of a model.</summary>
public sealed record EncoderDescription
{
    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary><c>text</c> or <c>image</c>.</summary>
    public required string Modality { get; init; }

    /// <summary>Silo it runs on.</summary>
    public string? Silo { get; init; }

    /// <summary>Inputs embedded since it was loaded.</summary>
    public required long EncodedCount { get; init; }

    /// <summary>Batches they were embedded in.</summary>
    public required long BatchCount { get; init; }
}
