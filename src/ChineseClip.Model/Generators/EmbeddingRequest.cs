using Microsoft.Extensions.AI;

namespace ChineseClip.Model.Generators;

/// <summary>What both generators do alike: refuse options that the model cannot meet, cut the work into batches, answer questions.</summary>
internal sealed class EmbeddingRequest(ModelManifest manifest)
{
    private const int BatchSize = 32;

    public EmbeddingGeneratorMetadata Metadata { get; } =
        new("chineseclip", defaultModelId: manifest.Name, defaultModelDimensions: manifest.Dimension);

    /// <summary>Off the caller's thread, batch by batch, so that a cancellation is soon heard.</summary>
    public Task<GeneratedEmbeddings<Embedding<float>>> RunAsync<T>(
        IEnumerable<T> values, EmbeddingGenerationOptions? options, Func<T[], int, float[]> encode, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(values);
        RequireMeetable(options);
        T[] inputs = [.. values];
        return Task.Run(
            () =>
            {
                DateTimeOffset createdAt = TimeProvider.System.GetUtcNow();
                var embeddings = new GeneratedEmbeddings<Embedding<float>>(inputs.Length);
                for (int start = 0; start < inputs.Length; start += BatchSize)
                {
                    ct.ThrowIfCancellationRequested();
                    T[] batch = inputs[start..Math.Min(inputs.Length, start + BatchSize)];
                    embeddings.AddRange(encode(batch, start).Chunk(manifest.Dimension).Select(row =>
                        new Embedding<float>(row) { CreatedAt = createdAt, ModelId = manifest.Name }));
                }

                return embeddings;
            },
            ct);
    }

    /// <summary>The generator itself, its metadata or its model's manifest.</summary>
    public object? Find(object generator, Type serviceType, object? serviceKey)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        object?[] services = [generator, Metadata, manifest];
        return serviceKey is null ? Array.Find(services, serviceType.IsInstanceOfType) : null;
    }

    private void RequireMeetable(EmbeddingGenerationOptions? options)
    {
        if (options?.Dimensions is { } dimensions && dimensions != manifest.Dimension)
        {
            throw new ArgumentException($"Dimensions is {dimensions}; the model gives {manifest.Dimension}.", nameof(options));
        }

        if (options?.ModelId is { } model && model != manifest.Name)
        {
            throw new ArgumentException($"ModelId is \"{model}\"; the model is \"{manifest.Name}\".", nameof(options));
        }
    }
}
