namespace ChineseClip.Model;

/// <summary>The vision tower's shape. Defaults are those of the reference's ChineseCLIPVisionConfig.</summary>
public sealed record ChineseClipVisionConfig
{
    public int HiddenSize { get; init; } = 768;
    public int LayerCount { get; init; } = 12;
    public int HeadCount { get; init; } = 12;
    public int IntermediateSize { get; init; } = 3072;
    /// <summary>Bottlenecks of each of the four stages of a ResNet with attention pooling; null for a vision transformer.</summary>
    public IReadOnlyList<int>? ResNetLayers { get; init; }

    public int ChannelCount { get; init; } = 3;

    /// <summary>Width and height of the picture, in pixels.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Width and height of a patch, in pixels.</summary>
    public int PatchSize { get; init; } = 32;

    public Activation Activation { get; init; } = Activation.QuickGelu;
    public float LayerNormEpsilon { get; init; } = 1e-5f;
    public int HeadSize => HiddenSize / HeadCount;

    /// <summary>Patches along one side; pixels beyond the last whole patch are not looked at, as in the reference.</summary>
    public int GridSize => ImageSize / PatchSize;
}
