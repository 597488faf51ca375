namespace ChineseClip.Model;

/// <summary>Tokenizer and image processor together, as HF's ChineseCLIPProcessor.</summary>
/// <remarks>Threads: safe.  Source: HF transformers 4.34, models/chinese_clip/processing_chinese_clip.py.</remarks>
public sealed class ChineseClipProcessor
{
    public ChineseClipProcessor(ChineseClipTokenizer tokenizer, ImageProcessor imageProcessor)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(imageProcessor);
        Tokenizer = tokenizer;
        ImageProcessor = imageProcessor;
    }

    public ChineseClipTokenizer Tokenizer { get; }

    public ImageProcessor ImageProcessor { get; }

    /// <summary>Reads vocab.txt, tokenizer_config.json and preprocessor_config.json of a model folder; the last two may be absent.</summary>
    public static ChineseClipProcessor FromDirectory(
        string directory, TokenizerReference reference = TokenizerReference.HuggingFace)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var configuration = Path.Combine(directory, "preprocessor_config.json");
        var options = File.Exists(configuration)
            ? ImageProcessorOptions.FromJson(File.ReadAllText(configuration))
            : ImageProcessorOptions.Default;
        return new ChineseClipProcessor(ChineseClipTokenizer.FromDirectory(directory, reference), new ImageProcessor(options));
    }

    /// <summary>Prepares texts, pictures or both; the options of a call replace those of the files.</summary>
    /// <exception cref="ArgumentException">There is neither, or the processed pictures differ in size.</exception>
    public ProcessedInputs Process(
        IReadOnlyList<string>? texts, IReadOnlyList<RgbImage>? images, TokenBatchOptions? textOptions = null, ImageProcessorOptions? imageOptions = null)
    {
        if (texts is null && images is null)
        {
            throw new ArgumentException("There are neither texts nor images; at least one of the two is needed.");
        }

        var tokens = texts is null ? null : Tokenizer.EncodeBatch(texts, textOptions);
        if (images is not { Count: > 0 })
        {
            return new ProcessedInputs(tokens, null, []);
        }

        var processor = imageOptions is null ? ImageProcessor : new ImageProcessor(imageOptions);
        var resized = images.Select(processor.Resize).ToArray();
        var (width, height) = (resized[0].Width, resized[0].Height);
        var perImage = width * height * RgbImage.Channels;
        var values = new float[checked(perImage * resized.Length)];
        for (var i = 0; i < resized.Length; i++)
        {
            if (resized[i].Width != width || resized[i].Height != height)
            {
                throw new ArgumentException(
                    $"Image {i} is {resized[i].Width}x{resized[i].Height} after processing and image 0 is {width}x{height}; a batch needs one size.",
                    nameof(images));
            }

            processor.Normalize(resized[i], values.AsSpan(i * perImage, perImage));
        }

        int[] shape = processor.Options.ChannelOrder == ChannelOrder.First
            ? [resized.Length, RgbImage.Channels, height, width]
            : [resized.Length, height, width, RgbImage.Channels];
        return new ProcessedInputs(tokens, values, shape);
    }
}
