using ChineseClip.Model.Checkpoints;
using ChineseClip.Model.Inference;
using ChineseClip.Model.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace ChineseClip.Model;

/// <summary>The vision tower alone, with all that the reference shows of it. To serve embeddings, a package is faster.</summary>
/// <remarks>
/// Threads: safe.  Cost: one forward pass a call, for all its pictures at once.
/// Shape: a ResNet, which the reference does not know, has maps [batch, channels, side, side] for hidden states, of the stem and of
/// each stage; one attention, that of its pool, [batch, heads, 1, 1 + places]; and as pooler output what its pool attends to
/// before the projection.
/// Source: transformers 4.34, modeling_chinese_clip.py, ChineseCLIPVisionModel; OFA-Sys/Chinese-CLIP, cn_clip/clip/model.py, ModifiedResNet.
/// </remarks>
public sealed class VisionModel : IDisposable
{
    private static readonly string[] InputNames = [VisionGraph.PixelValues];
    private readonly FullTower _tower;

    internal VisionModel(ModelWeights weights, EncoderRuntimeOptions? options)
    {
        Config = weights.Config.VisionConfig;
        _tower = FullTower.Load(weights, Config.ResNetLayers is null ? VisionGraph.WriteFull : ResNetGraph.WriteFull, options);
    }

    public ChineseClipVisionConfig Config { get; }

    /// <summary>What did not go as configured, such as an accelerator passed over.</summary>
    public IReadOnlyList<string> Warnings => _tower.Warnings;

    /// <summary>Loads the vision tower of a whole checkpoint.</summary>
    /// <param name="source">A checkpoint folder, or a weight file in one.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="imageSize">Width and height of the pictures where they are not the checkpoint's; positions are resized to it.</param>
    /// <exception cref="ModelFormatException">The checkpoint is incomplete or malformed.</exception>
    public static VisionModel Load(string source, EncoderRuntimeOptions? options = null, int? imageSize = null)
    {
        using CheckpointSource checkpoint = CheckpointSource.Open(source, imageSize);
        return new VisionModel(checkpoint.Weights, options);
    }

    /// <summary>One forward pass.</summary>
    /// <param name="pixelValues">[pictures, 3, size, size], as <see cref="ImageProcessor"/> gives with channels first.</param>
    /// <param name="details">What to show beyond the results.</param>
    /// <exception cref="ArgumentException">The values are not those of one or more whole pictures.</exception>
    public TowerOutput Forward(float[] pixelValues, TowerDetails details = TowerDetails.None)
    {
        ArgumentNullException.ThrowIfNull(pixelValues);
        int perPicture = Config.ChannelCount * Config.ImageSize * Config.ImageSize;
        if (pixelValues.Length == 0 || pixelValues.Length % perPicture != 0)
        {
            throw new ArgumentException(
                $"There are {pixelValues.Length} pixel values; expected {perPicture} for each of at least 1 picture.", nameof(pixelValues));
        }

        long[] shape = [pixelValues.Length / perPicture, Config.ChannelCount, Config.ImageSize, Config.ImageSize];
        using OrtValue pixels = OrtValue.CreateTensorValueFromMemory(pixelValues, shape);
        return _tower.Run(InputNames, [pixels], details);
    }

    public void Dispose() => _tower.Dispose();
}
