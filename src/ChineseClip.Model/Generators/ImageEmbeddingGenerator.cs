using ChineseClip.Model.Generators;
using Microsoft.Extensions.AI;

namespace ChineseClip.Model;

/// <summary>A model's vision tower for Microsoft.Extensions.AI: picture files in, unit embeddings out.</summary>
/// <remarks>Threads: safe.  Ownership: disposing frees the tower.</remarks>
public sealed class ImageEmbeddingGenerator : IEmbeddingGenerator<DataContent, Embedding<float>>
{
    private readonly ImageProcessor _processor;
    private readonly IImageEncoder _encoder;
    private readonly ImageDecodeLimits? _limits;
    private readonly EmbeddingRequest _request;

    /// <summary>Loads the vision tower of a package.</summary>
    public ImageEmbeddingGenerator(ModelPackage package, EncoderRuntimeOptions? options = null, ImageDecodeLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        _processor = package.ImageProcessor;
        _limits = limits;
        _request = new EmbeddingRequest(package.Manifest);
        _encoder = package.CreateImageEncoder(options);
    }

    /// <summary>Encodes picture files (JPEG, PNG, WebP, GIF, BMP), in input order.</summary>
    /// <exception cref="ArgumentException">The options name another model or length, or an item is null or no picture by its media type.</exception>
    /// <exception cref="ImageInputException">An item is damaged or exceeds a limit.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        _request.RunAsync(
            values,
            options,
            (files, start) => _encoder.Encode([.. files.Select((file, i) => Read(file, start + i))]),
            cancellationToken);

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => _request.Find(this, serviceType, serviceKey);

    public void Dispose() => _encoder.Dispose();

    private ReadOnlyMemory<byte> Read(DataContent? content, int index)
    {
        if (content is null)
        {
            throw new ArgumentException($"values[{index}] is null.");
        }

        if (!content.HasTopLevelMediaType("image"))
        {
            throw new ArgumentException($"values[{index}] has the media type \"{content.MediaType}\"; expected image/*.");
        }

        return _processor.Resize(ImageDecoder.Decode(content.Data.Span, content.Name ?? $"values[{index}]", _limits)).Pixels;
    }
}
