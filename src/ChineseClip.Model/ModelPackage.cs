using ChineseClip.Model.Inference;
using ChineseClip.Model.Packages;

namespace ChineseClip.Model;

/// <summary>A converted model on disk: its manifest, tokenizer, picture preprocessing, and encoders made on demand.</summary>
/// <remarks>Threads: safe. The encoders it makes belong to the caller and outlive it.</remarks>
public sealed class ModelPackage
{
    private readonly string _directory;

    private ModelPackage(string directory, ModelManifest manifest, ChineseClipTokenizer tokenizer, ImageProcessor imageProcessor)
    {
        _directory = directory;
        Manifest = manifest;
        Tokenizer = tokenizer;
        ImageProcessor = imageProcessor;
    }

    public ModelManifest Manifest { get; }

    public ChineseClipTokenizer Tokenizer { get; }

    public ImageProcessor ImageProcessor { get; }

    /// <summary>Opens a package and checks its files against the manifest: all lengths, and the SHA-256 of all but the weights.</summary>
    /// <param name="directory">What <see cref="ModelConverter"/> wrote.</param>
    /// <param name="verifyWeights">
    /// Whether the weights' SHA-256 is checked too. That reads every byte: about a second for each gigabyte, at each opening.
    /// </param>
    /// <exception cref="ModelFormatException">There is no package, or a file is missing or changed.</exception>
    public static ModelPackage Open(string directory, bool verifyWeights = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ModelManifest manifest = ManifestFile.Read(directory);
        RequireFiles(directory, manifest, verifyWeights);
        string tokenizerConfig = Path.Combine(directory, PackageFiles.TokenizerConfig);
        ChineseClipTokenizer tokenizer = PackageAssets.LoadTokenizer(
            Path.Combine(directory, PackageFiles.Vocabulary),
            manifest.Files.Any(f => f.Name == PackageFiles.TokenizerConfig) ? tokenizerConfig : null,
            manifest.MaxTextLength);
        ImageProcessor imageProcessor = PackageAssets.LoadImageProcessor(
            Path.Combine(directory, PackageFiles.Preprocessor), manifest.ImageSize);
        return new ModelPackage(directory, manifest, tokenizer, imageProcessor);
    }

    /// <summary>Loads the text tower.</summary>
    public ITextEncoder CreateTextEncoder(EncoderRuntimeOptions? options = null) => LoadTextEncoder(options);

    /// <summary>Loads the vision tower.</summary>
    public IImageEncoder CreateImageEncoder(EncoderRuntimeOptions? options = null) => LoadImageEncoder(options);

    internal TextEncoder LoadTextEncoder(EncoderRuntimeOptions? options) =>
        new(LoadTower(PackageFiles.TextGraph, options), Manifest.Config.TextConfig);

    internal ImageEncoder LoadImageEncoder(EncoderRuntimeOptions? options) =>
        new(LoadTower(PackageFiles.VisionGraph, options), Manifest.ImageSize, Normalize);

    private OnnxTower LoadTower(string graph, EncoderRuntimeOptions? options) =>
        new(Path.Combine(_directory, graph), Manifest.Dimension, options ?? new EncoderRuntimeOptions());

    private void Normalize(ReadOnlyMemory<byte> rgb, Span<float> pixels) => ImageProcessor.Normalize(rgb.Span, pixels);

    private static void RequireFiles(string directory, ModelManifest manifest, bool verifyWeights)
    {
        string[] listed = [.. manifest.Files.Select(f => f.Name).Order(StringComparer.Ordinal)];
        if (!listed.Where(f => f != PackageFiles.TokenizerConfig).SequenceEqual(PackageFiles.Required))
        {
            throw new ModelFormatException(
                directory, $"its manifest lists {string.Join(", ", listed)}; expected {string.Join(", ", PackageFiles.Required)}");
        }

        foreach (PackageFile expected in manifest.Files)
        {
            string path = Path.Combine(directory, expected.Name);
            if (!File.Exists(path))
            {
                throw new ModelFormatException(path, "is missing from the package");
            }

            long length = new FileInfo(path).Length;
            if (length != expected.ByteCount)
            {
                throw new ModelFormatException(path, $"has {length} bytes; the manifest says {expected.ByteCount}");
            }

            bool isWeights = expected.Name is PackageFiles.TextWeights or PackageFiles.VisionWeights;
            if ((verifyWeights || !isWeights) && ManifestFile.Describe(path).Sha256 is var sha256 && sha256 != expected.Sha256)
            {
                throw new ModelFormatException(path, $"has the SHA-256 {sha256}; the manifest says {expected.Sha256}");
            }
        }
    }
}
