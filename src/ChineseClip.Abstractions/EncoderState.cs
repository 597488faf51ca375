namespace ChineseClip.Abstractions;

/// <summary>How one encoder stands.</summary>
[GenerateSerializer, Alias("cc.EncoderState"), Immutable]
public sealed record EncoderState
{
    /// <summary>The model's name.</summary>
    [Id(0)]
    public required string Model { get; init; }

    /// <summary><c>text</c> or <c>image</c>.</summary>
    [Id(1)]
    public required string Modality { get; init; }

    /// <summary>The model package's SHA-256.</summary>
    [Id(2)]
    public required string ModelSha256 { get; init; }

    /// <summary>The length of its vectors.</summary>
    [Id(3)]
    public required int Dimension { get; init; }

    /// <summary>Side of the pictures it takes, in pixels; 0 for a text encoder.</summary>
    [Id(4)]
    public int ImageSize { get; init; }

    /// <summary>Inputs waiting.</summary>
    [Id(5)]
    public int QueueLength { get; init; }

    /// <summary>Inputs that may wait.</summary>
    [Id(6)]
    public int QueueCapacity { get; init; }

    /// <summary>Inputs encoded since it started.</summary>
    [Id(7)]
    public long EncodedCount { get; init; }

    /// <summary>Batches run since it started.</summary>
    [Id(8)]
    public long BatchCount { get; init; }

    /// <summary>The address of the silo it runs on.</summary>
    [Id(9)]
    public string? Silo { get; init; }
}
