using ChineseClip.Model.Checkpoints;

namespace ChineseClip.Model;

/// <summary>Both towers straight from a checkpoint, with all that the reference shows. To serve, <see cref="ChineseClipModel"/> is faster.</summary>
/// <remarks>
/// Threads: safe. Ownership: disposing frees both towers.
/// Source: transformers 4.34, modeling_chinese_clip.py, ChineseCLIPModel.
/// </remarks>
public sealed class ChineseClipFullModel : IDisposable
{
    private ChineseClipFullModel(ChineseClipConfig config, float logitScale, TextModel text, VisionModel vision)
    {
        Config = config;
        LogitScale = logitScale;
        Text = text;
        Vision = vision;
    }

    public ChineseClipConfig Config { get; }

    /// <summary>What cosines are multiplied by: exp of the checkpoint's <c>logit_scale</c>.</summary>
    public float LogitScale { get; }

    public TextModel Text { get; }

    public VisionModel Vision { get; }

    /// <summary>Loads both towers of a checkpoint.</summary>
    /// <param name="source">A checkpoint folder, or a weight file in one.</param>
    /// <param name="options">How they run.</param>
    /// <param name="imageSize">Width and height of the pictures where they are not the checkpoint's; positions are resized to it.</param>
    /// <exception cref="ModelFormatException">The checkpoint is incomplete or malformed.</exception>
    public static ChineseClipFullModel Load(string source, EncoderRuntimeOptions? options = null, int? imageSize = null)
    {
        using CheckpointSource checkpoint = CheckpointSource.Open(source, imageSize);
        float logitScale = checkpoint.Weights.ReadLogitScale();
        var text = new TextModel(checkpoint.Weights, options);
        try
        {
            return new ChineseClipFullModel(
                checkpoint.Weights.Config, logitScale, text, new VisionModel(checkpoint.Weights, options));
        }
        catch
        {
            text.Dispose();
            throw;
        }
    }

    /// <summary>[texts, dimension]: projections as they are, not of unit length.</summary>
    public FloatTensor GetTextFeatures(TextModelInput texts) => Text.Forward(texts).Features;

    /// <summary>[pictures, dimension]: projections as they are, not of unit length.</summary>
    public FloatTensor GetImageFeatures(float[] pixelValues) => Vision.Forward(pixelValues).Features;

    /// <summary>Compares each picture with each text.</summary>
    /// <param name="texts">Token ids and what belongs to them.</param>
    /// <param name="pixelValues">[pictures, 3, size, size].</param>
    /// <param name="details">What both towers are to show beyond their results.</param>
    public ChineseClipOutput Forward(TextModelInput texts, float[] pixelValues, TowerDetails details = TowerDetails.None)
    {
        TowerOutput text = Text.Forward(texts, details);
        TowerOutput vision = Vision.Forward(pixelValues, details);
        ImageTextLogits logits = Similarity.Compare(vision.Embeddings.ToRows(), text.Embeddings.ToRows(), LogitScale);
        bool arePairs = text.Embeddings.Shape[0] == vision.Embeddings.Shape[0];
        float? loss = arePairs ? Similarity.ContrastiveLoss(logits) : null;
        return new ChineseClipOutput(logits, loss, text.Embeddings, vision.Embeddings, text, vision);
    }

    public void Dispose()
    {
        Text.Dispose();
        Vision.Dispose();
    }
}
