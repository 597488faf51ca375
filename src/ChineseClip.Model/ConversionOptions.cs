namespace ChineseClip.Model;

/// <summary>What a conversion may change about a model.</summary>
public sealed record ConversionOptions
{
    /// <summary>How matrices are kept.</summary>
    public ModelPrecision Precision { get; init; } = ModelPrecision.Fp32;

    /// <summary>The vocabulary, where there is no vocab.txt beside the weights, as with OFA-Sys' files.</summary>
    public string? VocabularyPath { get; init; }

    /// <summary>The config.json, where there is none beside the weights and their shapes are of no published model.</summary>
    public string? ConfigPath { get; init; }

    /// <summary>Width and height of the pictures where they are not to be the checkpoint's; positions are resized to it. Range: a patch..4096.</summary>
    public int? ImageSize { get; init; }
}
