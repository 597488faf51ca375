using ChineseClip.Model.Packages;

namespace ChineseClip.Model.Checkpoints;

/// <summary>A checkpoint folder with its weights open and found to fit their configuration.</summary>
/// <remarks>Ownership: disposing closes the files.</remarks>
internal sealed class CheckpointSource : IDisposable
{
    private readonly Checkpoint _checkpoint;

    private CheckpointSource(CheckpointFolder folder, Checkpoint checkpoint, ModelWeights weights)
    {
        Folder = folder;
        _checkpoint = checkpoint;
        Weights = weights;
    }

    public CheckpointFolder Folder { get; }

    public ModelWeights Weights { get; }

    /// <param name="source">A checkpoint folder, or a weight file in one.</param>
    /// <param name="options">Files that lie elsewhere, and another picture size.</param>
    /// <exception cref="ModelFormatException">The checkpoint is incomplete or malformed.</exception>
    public static CheckpointSource Open(string source, ConversionOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        return Open(CheckpointFolder.Find(source, options.VocabularyPath, options.ConfigPath), options.ImageSize);
    }

    /// <summary>A checkpoint for its weights alone: it need not have a vocabulary.</summary>
    /// <param name="source">A checkpoint folder, or a weight file in one.</param>
    /// <param name="imageSize">Width and height of the pictures where they are not the checkpoint's; positions are resized to it.</param>
    /// <exception cref="ModelFormatException">The checkpoint is incomplete or malformed.</exception>
    public static CheckpointSource Open(string source, int? imageSize = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        return Open(CheckpointFolder.Find(source), imageSize);
    }

    private static CheckpointSource Open(CheckpointFolder folder, int? imageSize)
    {
        Checkpoint checkpoint = CheckpointReader.Open(folder.WeightPath);
        try
        {
            ChineseClipConfig config = folder.ConfigPath is { } configPath
                ? ChineseClipConfig.Load(configPath)
                : KnownShapes.Deduce(checkpoint);
            if (ResNetLayout.Recognizes(checkpoint))
            {
                // A config.json has no words for a ResNet; the tensors tell.
                config = config with { VisionConfig = ResNetLayout.Deduce(checkpoint) };
            }

            if (imageSize is { } size)
            {
                (checkpoint, config) = PositionResize.Apply(checkpoint, config, size);
            }

            return new CheckpointSource(folder, checkpoint, ModelWeights.Bind(checkpoint, config));
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    public void Dispose() => _checkpoint.Dispose();
}
