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

    /// <summary>The package's tokenizer and image processor, for callers that want the inputs themselves.</summary>
    public ChineseClipProcessor Processor => new(Package.Tokenizer, Package.ImageProcessor);

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

    /// <summary>Embeddings of tokenized texts, in input order; padding does not count.</summary>
    public float[][] GetTextFeatures(TokenBatch texts, bool isNormalized = true)
    {
        ArgumentNullException.ThrowIfNull(texts);
        int[][] ids = [.. Enumerable.Range(0, texts.Count).Select(row => texts.TokensOf(row).ToArray())];
        return Rows(_textEncoder.Encode(ids, isNormalized), _textEncoder.Dimension);
    }

    /// <summary>Embeddings of pictures resized as cn_clip does, in input order.</summary>
    public float[][] GetImageFeatures(IReadOnlyList<SourceImage> images, bool isNormalized = true)
    {
        ArgumentNullException.ThrowIfNull(images);
        ReadOnlyMemory<byte>[] resized = [.. images.Select(i => new ReadOnlyMemory<byte>(Package.ImageProcessor.Resize(i).Pixels))];
        return Rows(_imageEncoder.Encode(resized, isNormalized), _imageEncoder.Dimension);
    }

    /// <summary>Embeddings of pixel values, in input order.</summary>
    /// <param name="pixelValues">[pictures, 3, size, size], as <see cref="Processor"/> gives with channels first.</param>
    /// <param name="isNormalized">Whether rows are of unit length; the reference's own <c>get_image_features</c> are not.</param>
    /// <exception cref="ArgumentException">The values are not those of whole pictures.</exception>
    public float[][] GetImageFeatures(float[] pixelValues, bool isNormalized = true)
    {
        ArgumentNullException.ThrowIfNull(pixelValues);
        int perPicture = RgbImage.Channels * _imageEncoder.ImageSize * _imageEncoder.ImageSize;
        if (pixelValues.Length % perPicture != 0)
        {
            throw new ArgumentException($"There are {pixelValues.Length} pixel values; expected {perPicture} for each picture.", nameof(pixelValues));
        }

        int dimension = _imageEncoder.Dimension;
        float[] rows = new float[pixelValues.Length / perPicture * dimension];
        for (int i = 0; i < rows.Length / dimension; i++)
        {
            Memory<float> picture = pixelValues.AsMemory(i * perPicture, perPicture);
            _imageEncoder.EncodeBatch(picture, 1, rows.AsMemory(i * dimension, dimension), isNormalized);
        }

        return Rows(rows, dimension);
    }

    /// <summary>Compares each picture with each text.</summary>
    /// <param name="inputs">What <see cref="Processor"/> gave for both.</param>
    /// <exception cref="ArgumentException">There are no texts, or no pictures.</exception>
    public ImageTextLogits Forward(ProcessedInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return inputs is { Text: { } texts, PixelValues: { } pixels }
            ? Similarity.Compare(GetImageFeatures(pixels), GetTextFeatures(texts), Package.Manifest.LogitScale)
            : throw new ArgumentException("A comparison needs texts and pictures; one of them is missing.", nameof(inputs));
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
