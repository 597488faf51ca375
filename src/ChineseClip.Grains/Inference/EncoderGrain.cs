using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Placement;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;

namespace ChineseClip.Grains.Inference;

/// <summary>One encoder of one model, with its micro-batcher.</summary>
[Reentrant, KeepAlive, Immovable, OnRole(SiloRoles.Inference), SpreadEvenly, GrainType("encoder")]
internal sealed class EncoderGrain(
    IModelCatalog catalog, IOptions<InferenceOptions> options, TimeProvider time, ILocalSiloDetails silo,
    ILogger<EncoderGrain> logger) : Grain, IEncoderGrain
{
    private Task<LoadedEncoder>? _loading;

    public async Task<EmbeddingBatch> EncodeTextsAsync(EncodeTexts texts, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        LoadedEncoder encoder = await LoadAsync().WaitAsync(cancellationToken);
        MicroBatcher<int[]> batcher = encoder.Texts ?? throw Wrong(GrainKeys.Text);
        int[][] tokens = await Task.Run(() => texts.Texts.Select(encoder.Model.Tokenize).ToArray(), cancellationToken);
        return Answer(encoder, await batcher.EncodeAsync(tokens, Left(texts.Timeout, start), cancellationToken));
    }

    public async Task<EmbeddingBatch> EncodeImagesAsync(EncodeImages images, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        LoadedEncoder encoder = await LoadAsync().WaitAsync(cancellationToken);
        MicroBatcher<ReadOnlyMemory<byte>> batcher = encoder.Images ?? throw Wrong(GrainKeys.Image);
        int length = encoder.Model.Description.ImageSize * encoder.Model.Description.ImageSize * 3;
        for (int i = 0; i < images.Images.Length; i++)
        {
            if (images.Images[i].Length != length)
            {
                throw new ClusterException(
                    ErrorCode.InvalidInput, $"images[{i}] has {images.Images[i].Length} bytes; must be {length}.");
            }
        }

        return Answer(encoder, await batcher.EncodeAsync(images.Images, Left(images.Timeout, start), cancellationToken));
    }

    public async Task<EncoderState> DescribeAsync(CancellationToken cancellationToken)
    {
        LoadedEncoder encoder = await LoadAsync();
        return new EncoderState
        {
            Model = encoder.Model.Description.Name,
            Modality = encoder.Modality,
            ModelSha256 = encoder.Model.Description.Sha256!,
            Dimension = encoder.Model.Description.Dimension,
            ImageSize = encoder.Modality == GrainKeys.Image ? encoder.Model.Description.ImageSize : 0,
            QueueLength = encoder.Texts?.Depth ?? encoder.Images!.Depth,
            QueueCapacity = options.Value.MaxQueueLength,
            EncodedCount = encoder.Texts?.EncodedCount ?? encoder.Images!.EncodedCount,
            BatchCount = encoder.Texts?.BatchCount ?? encoder.Images!.BatchCount,
            Silo = silo.SiloAddress.ToString(),
        };
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_loading is { IsCompletedSuccessfully: true })
        {
            LoadedEncoder encoder = await _loading;
            await Task.Run(encoder.Dispose, CancellationToken.None);    // waits for the batch it is in
        }
    }

    // Loading is no part of activation, so that a wrong name or package is an error of the call and not of the grain.
    private async Task<LoadedEncoder> LoadAsync()
    {
        Task<LoadedEncoder> loading = _loading ??= Task.Run(Load);
        try
        {
            return await loading;
        }
        catch (ClusterException)
        {
            _loading = null;
            DeactivateOnIdle();
            throw;
        }
    }

    private LoadedEncoder Load()
    {
        string key = this.GetPrimaryKeyString();
        string[] parts = key.Split('/');
        if (parts.Length != 3 || parts[1] is not (GrainKeys.Text or GrainKeys.Image))
        {
            throw new ClusterException(ErrorCode.InvalidInput, $"The encoder \"{key}\" must be model/text|image/ordinal.");
        }

        IEmbeddingModel model = catalog.Get(parts[0]);
        try
        {
            LoadedEncoder encoder = LoadedEncoder.Create(model, parts[1], key, options.Value, time);
            foreach (string warning in encoder.Warnings)
            {
                logger.EncoderWarning(key, warning);
            }

            logger.EncoderLoaded(key, encoder.ExecutionProvider);
            return encoder;
        }
        catch (Exception exception) when (exception is not ClusterException)
        {
            // ONNX Runtime throws types of its own; all of them mean that this model cannot run here.
            logger.EncoderFailed(exception, key);
            throw new ClusterException(
                ErrorCode.ModelUnavailable, $"The encoder \"{key}\" could not be loaded: {exception.Message}", exception);
        }
    }

    // Loading the model is part of the caller's wait.
    private TimeSpan Left(TimeSpan timeout, long start) => timeout - time.GetElapsedTime(start);

    private static EmbeddingBatch Answer(LoadedEncoder encoder, float[][] rows) => new()
    {
        ModelSha256 = encoder.Model.Description.Sha256!,
        Dimension = encoder.Model.Description.Dimension,
        Vectors = Array.ConvertAll(rows, row => EmbeddingVector.From(row)),
    };

    private ClusterException Wrong(string modality) =>
        new(ErrorCode.InvalidInput, $"The encoder \"{this.GetPrimaryKeyString()}\" does not take {modality}.");
}
