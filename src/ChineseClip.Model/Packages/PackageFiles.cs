namespace ChineseClip.Model.Packages;

/// <summary>The files of a package.</summary>
internal static class PackageFiles
{
    public const string TextGraph = "text.onnx";
    public const string TextWeights = "text.weights";
    public const string VisionGraph = "vision.onnx";
    public const string VisionWeights = "vision.weights";
    public const string Vocabulary = "vocab.txt";
    public const string Preprocessor = "preprocessor_config.json";

    /// <summary>The one file that a package may lack; then the reference's defaults hold.</summary>
    public const string TokenizerConfig = "tokenizer_config.json";

    public static readonly string[] Required =
        [Preprocessor, TextGraph, TextWeights, VisionGraph, VisionWeights, Vocabulary];
}
