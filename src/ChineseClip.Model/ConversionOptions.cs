namespace ChineseClip.Model;

/// <summary>What a conversion may change about a model.</summary>
public sealed record ConversionOptions
{
    /// <summary>How matrices are kept.</summary>
    public ModelPrecision Precision { get; init; } = ModelPrecision.Fp32;

    /// <summary>Width and height of the pictures where they are not to be the checkpoint's; positions are resized to it. Range: a patch..4096.</summary>
    public int? ImageSize { get; init; }
}
