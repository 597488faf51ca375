namespace ChineseClip.Model;

/// <summary>The text tower's shape. Defaults are those of the reference's ChineseCLIPTextConfig.</summary>
public sealed record ChineseClipTextConfig
{
    public int VocabularySize { get; init; } = 30522;
    public int HiddenSize { get; init; } = 768;
    public int LayerCount { get; init; } = 12;
    public int HeadCount { get; init; } = 12;
    public int IntermediateSize { get; init; } = 3072;
    public Activation Activation { get; init; } = Activation.Gelu;
    public int MaxPositions { get; init; } = 512;
    public int TypeVocabularySize { get; init; } = 2;
    public float LayerNormEpsilon { get; init; } = 1e-12f;
    public int PadTokenId { get; init; }
    public int HeadSize => HiddenSize / HeadCount;
}
