using System.Globalization;
using System.Security.Cryptography;
using ChineseClip.Model.Checkpoints;
using ChineseClip.Model.Onnx;
using ChineseClip.Model.Packages;

namespace ChineseClip.Model;

/// <summary>Turns a Chinese-CLIP checkpoint into a model package: ONNX graphs, weights, vocabulary, preprocessing, manifest.</summary>
public static class ModelConverter
{
    /// <summary>Converts a checkpoint. The package appears whole or not at all; an earlier package at its place is replaced.</summary>
    /// <param name="source">A checkpoint folder, or a weight file in one.</param>
    /// <param name="outputDirectory">Where the package goes: absent, empty, or a package.</param>
    /// <param name="precision">How matrices are kept.</param>
    /// <param name="progress">Receives a line for each step.</param>
    /// <param name="ct">Stops between two tensors.</param>
    /// <remarks>Cost: memory for two copies of the largest tensor. Equal inputs give equal bytes.</remarks>
    /// <exception cref="ModelFormatException">The checkpoint is incomplete or malformed.</exception>
    /// <exception cref="IOException">The output directory exists and is no package, or cannot be written.</exception>
    public static ModelManifest Convert(
        string source,
        string outputDirectory,
        ModelPrecision precision = ModelPrecision.Fp32,
        IProgress<string>? progress = null,
        CancellationToken ct = default) =>
        Convert(source, outputDirectory, new ConversionOptions { Precision = precision }, progress, ct);

    /// <inheritdoc cref="Convert(string, string, ModelPrecision, IProgress{string}?, CancellationToken)"/>
    /// <param name="source">A checkpoint folder, or a weight file in one.</param>
    /// <param name="outputDirectory">Where the package goes: absent, empty, or a package.</param>
    /// <param name="options">What to change about the model.</param>
    /// <param name="progress">Receives a line for each step.</param>
    /// <param name="ct">Stops between two tensors.</param>
    public static ModelManifest Convert(
        string source,
        string outputDirectory,
        ConversionOptions options,
        IProgress<string>? progress = null,
        CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ModelPrecision precision = options.Precision;
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(outputDirectory);
        ct.ThrowIfCancellationRequested();
        progress?.Report($"reading {source}");
        using CheckpointSource checkpoint = CheckpointSource.Open(source, options);
        CheckpointFolder folder = checkpoint.Folder;
        ModelWeights weights = checkpoint.Weights;
        ChineseClipConfig config = weights.Config;
        int textLength = LoadTokenizer(folder, config.TextConfig).MaxLength;

        using PackageDirectory package = PackageDirectory.Create(outputDirectory);
        CopyAssets(folder, config, package.Path, isResized: options.ImageSize is not null);
        WriteTower(package.Path, PackageFiles.TextGraph, PackageFiles.TextWeights, TextGraph.Write, weights, precision, ct);
        progress?.Report("text tower written");
        Func<ModelWeights, WeightFile, ModelPrecision, byte[]> writeVision =
            config.VisionConfig.ResNetLayers is null ? VisionGraph.Write : ResNetGraph.Write;
        WriteTower(package.Path, PackageFiles.VisionGraph, PackageFiles.VisionWeights, writeVision, weights, precision, ct);
        progress?.Report("vision tower written");
        ModelManifest manifest = Describe(package.Path, new Conversion(folder, weights, precision, textLength), ct);
        ManifestFile.Write(package.Path, manifest);
        package.Publish();
        progress?.Report($"package {manifest.Sha256} at {outputDirectory}");
        return manifest;
    }

    private static void WriteTower(
        string directory,
        string graphName,
        string weightName,
        Func<ModelWeights, WeightFile, ModelPrecision, byte[]> write,
        ModelWeights weights,
        ModelPrecision precision,
        CancellationToken ct)
    {
        using var file = new WeightFile(Path.Combine(directory, weightName), ct);
        byte[] graph = write(weights, file, precision);
        file.Complete();
        File.WriteAllBytes(Path.Combine(directory, graphName), graph);
    }

    private static ModelManifest Describe(string directory, Conversion conversion, CancellationToken ct)
    {
        ChineseClipConfig config = conversion.Weights.Config;
        var manifest = new ModelManifest
        {
            FormatVersion = ModelManifest.CurrentFormatVersion,
            Name = conversion.Folder.Name,
            Architecture = ArchitectureName(config),
            Dimension = config.ProjectionDimension,
            Precision = conversion.Precision,
            ImageSize = config.VisionConfig.ImageSize,
            MaxTextLength = conversion.TextLength,
            LogitScale = conversion.Weights.ReadLogitScale(),
            Source = string.Join(", ", conversion.Folder.WeightFiles.Select(Path.GetFileName)),
            SourceSha256 = Sha256(conversion.Folder.WeightFiles, ct),
            Sha256 = "",
            Files = [.. Directory.GetFiles(directory).Order(StringComparer.Ordinal).Select(ManifestFile.Describe)],
            Config = config,
        };
        return manifest with { Sha256 = ManifestFile.Identity(manifest) };
    }

    private static string ArchitectureName(ChineseClipConfig config)
    {
        ChineseClipVisionConfig v = config.VisionConfig;
        ChineseClipTextConfig t = config.TextConfig;
        string size = (v.HiddenSize, v.LayerCount) switch
        {
            (768, 12) => "B",
            (1024, 24) => "L",
            (1280, 32) => "H",
            _ => string.Create(CultureInfo.InvariantCulture, $"{v.LayerCount}x{v.HiddenSize}"),
        };
        string resolution = v.ImageSize == 224 ? "" : string.Create(CultureInfo.InvariantCulture, $"@{v.ImageSize}");
        string vision = v.ResNetLayers is { } stages
            ? (stages is [3, 4, 6, 3] ? "RN50" : $"RN-{string.Join('-', stages)}") + resolution
            : string.Create(CultureInfo.InvariantCulture, $"ViT-{size}/{v.PatchSize}{resolution}");
        return string.Create(
            CultureInfo.InvariantCulture, $"{vision} + BERT-{t.LayerCount}x{t.HiddenSize}");
    }

    private static ChineseClipTokenizer LoadTokenizer(CheckpointFolder folder, ChineseClipTextConfig text)
    {
        string vocabulary = VocabularyOf(folder);
        ChineseClipTokenizer tokenizer = PackageAssets.LoadTokenizer(vocabulary, folder.TokenizerConfigPath, text.MaxPositions);
        return tokenizer.VocabularySize <= text.VocabularySize
            ? tokenizer
            : throw new ModelFormatException(
                vocabulary, $"has {tokenizer.VocabularySize} tokens; text_config.vocab_size is {text.VocabularySize}");
    }

    private static string VocabularyOf(CheckpointFolder folder) => folder.VocabularyPath
        ?? throw new ModelFormatException(
            Path.GetDirectoryName(folder.WeightPath)!,
            "holds no vocab.txt; put the checkpoint's beside the weights or name one (all published models have that of bert-base-chinese)");

    private static void CopyAssets(CheckpointFolder folder, ChineseClipConfig config, string directory, bool isResized)
    {
        File.Copy(VocabularyOf(folder), Path.Combine(directory, PackageFiles.Vocabulary));
        if (folder.TokenizerConfigPath is { } tokenizerConfig)
        {
            File.Copy(tokenizerConfig, Path.Combine(directory, PackageFiles.TokenizerConfig));
        }

        string preprocessor = Path.Combine(directory, PackageFiles.Preprocessor);
        WritePreprocessor(folder, config, preprocessor);
        if (isResized)
        {
            PackageAssets.ChangeImageSize(preprocessor, config.VisionConfig.ImageSize);
        }

        _ = PackageAssets.LoadImageProcessor(preprocessor, config.VisionConfig.ImageSize);
    }

    private static void WritePreprocessor(CheckpointFolder folder, ChineseClipConfig config, string path)
    {
        if (folder.PreprocessorPath is { } given)
        {
            File.Copy(given, path);
            return;
        }

        string side = config.VisionConfig.ImageSize.ToString(CultureInfo.InvariantCulture);
        File.WriteAllText(
            path,
            $$"""
            {
              "do_resize": true,
              "size": { "height": {{side}}, "width": {{side}} },
              "resample": 3,
              "do_center_crop": false,
              "do_rescale": true,
              "rescale_factor": 0.00392156862745098,
              "do_normalize": true,
              "image_mean": [0.48145466, 0.4578275, 0.40821073],
              "image_std": [0.26862954, 0.26130258, 0.27577711],
              "do_convert_rgb": true
            }

            """);
    }

    private static string Sha256(IReadOnlyList<string> files, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 20];
        foreach (string file in files)
        {
            using FileStream stream = File.OpenRead(file);
            for (int read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
            {
                ct.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }
        }

        return System.Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private sealed record Conversion(CheckpointFolder Folder, ModelWeights Weights, ModelPrecision Precision, int TextLength);
}
