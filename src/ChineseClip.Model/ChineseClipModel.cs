using ChineseClip.Model.Inference;

namespace ChineseClip.Model;

/// <summary>Chinese-CLIP for users of the library: texts and pictures in, embeddings and probabilities out.</summary>
/// <remarks>Threads: safe. Ownership: disposing frees both encoders.</remarks>
public sealed class ChineseClipModel : IDisposable
{
    private readonly TextEncoder _textEncoder;
    private readonly ImageEncoder _imageEncoder;

    private ChineseClipModel(ModelPackage package, TextEncoder textEncoder, ImageEncoder imageEncoder)
    {
        Package = package;
        _textEncoder = textEncoder;
        _imageEncoder = imageEncoder;
    }

    public ModelPackage Package { get; }

    /// <summary>What did not go as configured, such as an accelerator passed over.</summary>
    public IReadOnlyList<string> Warnings => [.. _textEncoder.Warnings.Union(_imageEncoder.Warnings)];

    /// <summary>Loads both towers of a package.</summary>
    /// <exception cref="ModelFormatException">There is no intact package.</exception>
    public static ChineseClipModel Load(string packageDirectory, EncoderRuntimeOptions? options = null)
    {
        ModelPackage package = ModelPackage.Open(packageDirectory);
        Task<TextEncoder> text = Task.Run(() => package.LoadTextEncoder(options));
        ImageEncoder? images = null;
        try
        {
            images = package.LoadImageEncoder(options);
            return new ChineseClipModel(package, text.GetAwaiter().GetResult(), images);
        }
        catch
        {
            images?.Dispose();
            DisposeWhenLoaded(text);
            throw;
        }
    }

    /// <summary>Embeddings of texts, in input order.</summary>
    /// <param name="texts">Texts; those longer than the model's maximum are cut.</param>
    /// <param name="isNormalized">Whether rows are of unit length; the reference's own <c>get_text_features</c> are not.</param>
    public float[][] GetTextFeatures(IReadOnlyList<string> texts, bool isNormalized = true)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return Rows(_textEncoder.Encode([.. texts.Select(t => Package.Tokenizer.Encode(t))], isNormalized), _textEncoder.Dimension);
    }

    /// <summary>Embeddings of pictures, in input order.</summary>
    /// <param name="images">Pictures of any size.</param>
    /// <param name="isNormalized">Whether rows are of unit length; the reference's own <c>get_image_features</c> are not.</param>
    public float[][] GetImageFeatures(IReadOnlyList<RgbImage> images, bool isNormalized = true)
    {
        ArgumentNullException.ThrowIfNull(images);
        ReadOnlyMemory<byte>[] resized = [.. images.Select(i => new ReadOnlyMemory<byte>(Package.ImageProcessor.Resize(i).Pixels))];
        return Rows(_imageEncoder.Encode(resized, isNormalized), _imageEncoder.Dimension);
    }

    /// <summary>Compares each picture with each text.</summary>
    public ImageTextLogits Forward(IReadOnlyList<RgbImage> images, IReadOnlyList<string> texts) =>
        Similarity.Compare(GetImageFeatures(images), GetTextFeatures(texts), Package.Manifest.LogitScale);

    /// <summary>Probability of each label for each picture: [image][label].</summary>
    /// <param name="images">Pictures of any size.</param>
    /// <param name="labels">What they may show.</param>
    /// <param name="templates">Sentences with a <c>{}</c> for the label; several form an ensemble.</param>
    public float[][] Classify(
        IReadOnlyList<RgbImage> images, IReadOnlyList<string> labels, IReadOnlyList<string>? templates = null)
    {
        templates ??= [ZeroShot.DefaultTemplate];
        float[][] prompts = GetTextFeatures(ZeroShot.Prompts(labels, templates));
        float[][] classes = ZeroShot.CombinePrompts(prompts, templates.Count);
        return Similarity.Compare(GetImageFeatures(images), classes, Package.Manifest.LogitScale).Probabilities;
    }

    public void Dispose()
    {
        _textEncoder.Dispose();
        _imageEncoder.Dispose();
    }

    private static float[][] Rows(float[] values, int width) => [.. values.Chunk(width)];

    private static void DisposeWhenLoaded(Task<TextEncoder> text)
    {
        Task.WhenAny(text).GetAwaiter().GetResult();
        if (text.IsCompletedSuccessfully)
        {
            text.Result.Dispose();
        }
    }
}
