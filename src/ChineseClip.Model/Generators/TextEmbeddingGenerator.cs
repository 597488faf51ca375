using ChineseClip.Model.Generators;
using Microsoft.Extensions.AI;

namespace ChineseClip.Model;

/// <summary>A model's text tower for Microsoft.Extensions.AI: texts in, unit embeddings out.</summary>
/// <remarks>Threads: safe.  Ownership: disposing frees the tower.</remarks>
public sealed class TextEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly ChineseClipTokenizer _tokenizer;
    private readonly ITextEncoder _encoder;
    private readonly EmbeddingRequest _request;

    /// <summary>Loads the text tower of a package.</summary>
    public TextEmbeddingGenerator(ModelPackage package, EncoderRuntimeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(package);
        _tokenizer = package.Tokenizer;
        _request = new EmbeddingRequest(package.Manifest);
        _encoder = package.CreateTextEncoder(options);
    }

    /// <summary>Encodes texts, in input order; texts longer than the model's maximum are cut.</summary>
    /// <exception cref="ArgumentException">The options name another model or length, or a text is null.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        long tokens = 0;
        GeneratedEmbeddings<Embedding<float>> embeddings = await _request.RunAsync(
            values,
            options,
            (texts, start) =>
            {
                int[][] ids = [.. texts.Select((text, i) => Tokenize(text, start + i))];
                tokens += ids.Sum(row => row.Length);
                return _encoder.Encode(ids);
            },
            cancellationToken).ConfigureAwait(false);
        embeddings.Usage = new UsageDetails { InputTokenCount = tokens, TotalTokenCount = tokens };
        return embeddings;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) => _request.Find(this, serviceType, serviceKey);

    public void Dispose() => _encoder.Dispose();

    private int[] Tokenize(string? text, int index) =>
        text is null ? throw new ArgumentException($"values[{index}] is null.") : _tokenizer.Encode(text);
}
