using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Model;

namespace ChineseClip.Grains.Inference;

/// <summary>A model's encoder of one modality with the batcher in front of it.</summary>
internal sealed class LoadedEncoder : IDisposable
{
    private readonly IDisposable _encoder;

    private LoadedEncoder(IEmbeddingModel model, string modality, IDisposable encoder)
    {
        Model = model;
        Modality = modality;
        _encoder = encoder;
    }

    public IEmbeddingModel Model { get; }

    public string Modality { get; }

    public MicroBatcher<int[]>? Texts { get; private init; }

    public MicroBatcher<ReadOnlyMemory<byte>>? Images { get; private init; }

    public required string ExecutionProvider { get; init; }

    public required IReadOnlyList<string> Warnings { get; init; }

    public static LoadedEncoder Create(
        IEmbeddingModel model, string modality, string name, InferenceOptions options, TimeProvider time)
    {
        MicroBatcherSettings settings =
            new($"encoder {name}", options.MaxBatchSize, options.MaxBatchDelay, options.MaxQueueLength);
        int dimension = model.Description.Dimension;
        if (modality == GrainKeys.Text)
        {
            ITextEncoder texts = model.CreateTextEncoder();
            return new LoadedEncoder(model, modality, texts)
            {
                Texts = new MicroBatcher<int[]>(settings, dimension, texts.Encode, time),
                ExecutionProvider = texts.ExecutionProvider,
                Warnings = texts.Warnings,
            };
        }

        IImageEncoder images = model.CreateImageEncoder();
        return new LoadedEncoder(model, modality, images)
        {
            Images = new MicroBatcher<ReadOnlyMemory<byte>>(settings, dimension, images.Encode, time),
            ExecutionProvider = images.ExecutionProvider,
            Warnings = images.Warnings,
        };
    }

    public void Dispose()
    {
        Texts?.Dispose();
        Images?.Dispose();
        _encoder.Dispose();
    }
}
