using ChineseClip.Abstractions;
using ChineseClip.Grains.Concurrency;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Gateway;
using ChineseClip.Grains.Placement;
using ChineseClip.Model;
using Orleans.Concurrency;

namespace ChineseClip.Grains.Inference;

/// <summary>Embeddings, similarity and classification by a configured model.</summary>
[StatelessWorker(1), Reentrant, OnRole(SiloRoles.Inference), GrainType("inference")]
internal sealed class InferenceGrain(GatewayServices services, IModelCatalog catalog, DecodePool decode)
    : Grain, IInferenceGrain
{
    private const int MinLabels = 2;

    public async Task<EmbeddingBatch> EmbedTextsAsync(EmbedTexts texts, CancellationToken cancellationToken)
    {
        InputRules.CheckRange(texts.Texts.Length, 1, InputRules.MaxEmbedInputs, "The number of texts");
        InputRules.CheckTimeout(texts.Timeout);
        for (int i = 0; i < texts.Texts.Length; i++)
        {
            InputRules.CheckText(texts.Texts[i], $"texts[{i}]");
        }

        using Deadline deadline = new(services.Time, texts.Timeout, cancellationToken);
        EncodeTexts encode = new() { Texts = texts.Texts, Timeout = texts.Timeout };
        return await deadline.RunAsync(token => services.Encoders.Text(texts.Model).EncodeTextsAsync(encode, token), "Embedding");
    }

    public async Task<EmbeddingBatch> EmbedImagesAsync(EmbedImages images, CancellationToken cancellationToken)
    {
        InputRules.CheckRange(images.Images.Length, 1, InputRules.MaxEmbedInputs, "The number of images");
        InputRules.CheckTimeout(images.Timeout);
        using Deadline deadline = new(services.Time, images.Timeout, cancellationToken);
        byte[][] pixels = await deadline.RunAsync(
            async token =>
            {
                IEmbeddingModel model = await GetAsync(images.Model, token);
                return await Task.WhenAll(images.Images.Select((image, i) => PrepareAsync(model, image, i, token)));
            },
            "Decoding the pictures");
        EncodeImages encode = new()
        {
            Images = Array.ConvertAll(pixels, bytes => new ReadOnlyMemory<byte>(bytes)),
            Timeout = deadline.Left,
        };
        return await deadline.RunAsync(token => services.Encoders.Image(images.Model).EncodeImagesAsync(encode, token), "Embedding");
    }

    public async Task<SimilarityAnswer> SimilarityAsync(SimilarityQuery query, CancellationToken cancellationToken)
    {
        ImageTextLogits logits = await CompareAsync(query.Model, query.Images, query.Texts, query.Timeout, cancellationToken);
        return new SimilarityAnswer
        {
            LogitsPerImage = logits.LogitsPerImage,
            Probabilities = logits.Probabilities,
            LogitScale = (await GetAsync(query.Model, cancellationToken)).Description.LogitScale,
        };
    }

    public async Task<ClassifyAnswer> ClassifyAsync(ClassifyQuery query, CancellationToken cancellationToken)
    {
        InputRules.CheckRange(query.Labels.Length, MinLabels, InputRules.MaxEmbedInputs, "The number of labels");
        string[] prompts;
        try
        {
            prompts = ZeroShot.Prompts(query.Labels, [query.Template]);
        }
        catch (ArgumentException exception)
        {
            throw InputRules.Invalid(exception.Message);
        }

        ImageTextLogits logits = await CompareAsync(query.Model, query.Images, prompts, query.Timeout, cancellationToken);
        return new ClassifyAnswer
        {
            Images = Array.ConvertAll(logits.Probabilities, row => row
                .Select((probability, label) => new LabelProbability { Label = query.Labels[label], Probability = probability })
                .OrderByDescending(label => label.Probability)
                .ThenBy(label => label.Label, StringComparer.Ordinal)
                .ToArray()),
        };
    }

    public Task<ModelDescription[]> ModelsAsync(CancellationToken cancellationToken) =>
        Task.Run(() => catalog.Names.Select(Describe).ToArray(), cancellationToken);

    private ModelDescription Describe(string name)
    {
        try
        {
            return catalog.Get(name).Description;
        }
        catch (ClusterException exception)
        {
            return new ModelDescription { Name = name, Status = ModelStatus.Unavailable, Error = exception.Message };
        }
    }

    private async Task<ImageTextLogits> CompareAsync(
        string model, NamedImage[] images, string[] texts, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Task<EmbeddingBatch> textBatch = EmbedTextsAsync(
            new EmbedTexts { Model = model, Texts = texts, Timeout = timeout }, cancellationToken);
        Task<EmbeddingBatch> imageBatch = EmbedImagesAsync(
            new EmbedImages { Model = model, Images = images, Timeout = timeout }, cancellationToken);
        await Task.WhenAll(textBatch, imageBatch);
        float logitScale = (await GetAsync(model, cancellationToken)).Description.LogitScale;
        return Similarity.Compare(Rows(await imageBatch), Rows(await textBatch), logitScale);
    }

    private static float[][] Rows(EmbeddingBatch batch) => Array.ConvertAll(batch.Vectors, vector => vector.ToArray());

    // Loading a package reads files: not on the grain scheduler.
    private Task<IEmbeddingModel> GetAsync(string model, CancellationToken cancellationToken) =>
        Task.Run(() => catalog.Get(model), cancellationToken);

    private async Task<byte[]> PrepareAsync(
        IEmbeddingModel model, NamedImage image, int index, CancellationToken cancellationToken)
    {
        try
        {
            return await decode.Pool.RunAsync(() => model.Prepare(image.Data.Span, image.Name), cancellationToken);
        }
        catch (ClusterException exception) when (exception.Code is ErrorCode.InvalidInput or ErrorCode.TooLarge)
        {
            throw new ClusterException(exception.Code, exception.Message) { Element = $"images[{index}]" };
        }
    }
}
