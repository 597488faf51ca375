using System.Globalization;
using ChineseClip.Abstractions;
using ChineseClip.Contracts;
using ChineseClip.Server.Errors;
using ChineseClip.Server.Gateway;
using ChineseClip.Server.Mapping;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChineseClip.Server.Endpoints;

/// <summary>The models by themselves: embeddings, similarity, zero-shot classification.</summary>
internal static class InferenceEndpoints
{
    private const int MaxInputs = 256;

    public static void MapInference(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1").WithTags("Inference");
        group.MapPost("/embeddings", EmbedAsync).WithOwnDeadline()
            .Documented("Embed", "Embeds texts and pictures into unit vectors.", 403, 404, 413);
        group.MapPost("/similarity", CompareAsync).WithOwnDeadline()
            .Documented("CompareImagesWithTexts", "Compares pictures with texts.", 403, 404, 413);
        group.MapPost("/classify", ClassifyAsync).WithOwnDeadline()
            .Documented("Classify", "Classifies pictures among labels, without training.", 403, 404, 413);
        group.MapGet("/models", ListModelsAsync).Documented("ListModels", "Lists the models with their state.");
    }

    private static async Task<Ok<EmbeddingsResponse>> EmbedAsync(
        EmbeddingsRequest request, EndpointServices services, HttpContext context)
    {
        int texts = request.Texts?.Count ?? 0;
        int images = request.Images?.Count ?? 0;
        if (texts + images == 0)
        {
            throw RequestException.Invalid("There are neither texts nor images; must be at least one.");
        }

        CheckCount(images, "images");
        using RequestDeadline deadline = RequestDeadline.Start(null, services.Options, context);
        (EmbeddingBatch? textBatch, EmbeddingBatch? imageBatch) = await deadline.RunAsync(async token =>
        {
            Task<EmbeddingBatch?> embedTexts = EmbedTextsAsync(request, services, deadline.Timeout, token);
            Task<EmbeddingBatch?> embedImages = EmbedImagesAsync(request, services, deadline.Timeout, token);
            return (await embedTexts, await embedImages);
        });
        return TypedResults.Ok(new EmbeddingsResponse
        {
            Model = request.Model,
            Dimension = (textBatch ?? imageBatch)!.Dimension,
            TextEmbeddings = textBatch is null ? null : VectorMapping.ToNumbers(textBatch.Vectors),
            ImageEmbeddings = imageBatch is null ? null : VectorMapping.ToNumbers(imageBatch.Vectors),
        });
    }

    private static async Task<EmbeddingBatch?> EmbedTextsAsync(
        EmbeddingsRequest request, EndpointServices services, TimeSpan timeout, CancellationToken cancellationToken) =>
        request.Texts is not { Count: > 0 } texts
            ? null
            : await services.Grains.Inference().EmbedTextsAsync(
                new EmbedTexts { Model = request.Model, Texts = [.. texts], Timeout = timeout }, cancellationToken);

    private static async Task<EmbeddingBatch?> EmbedImagesAsync(
        EmbeddingsRequest request, EndpointServices services, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (request.Images is not { Count: > 0 } images)
        {
            return null;
        }

        NamedImage[] loaded = await services.Pictures.LoadAllAsync(images, "images", cancellationToken);
        return await services.Grains.Inference().EmbedImagesAsync(
            new EmbedImages { Model = request.Model, Images = loaded, Timeout = timeout }, cancellationToken);
    }

    private static async Task<Ok<SimilarityResponse>> CompareAsync(
        SimilarityRequest request, EndpointServices services, HttpContext context)
    {
        CheckCount(request.Images.Count, "images");
        using RequestDeadline deadline = RequestDeadline.Start(null, services.Options, context);
        SimilarityAnswer answer = await deadline.RunAsync(async token => await services.Grains.Inference().SimilarityAsync(
            new SimilarityQuery
            {
                Model = request.Model,
                Images = await services.Pictures.LoadAllAsync(request.Images, "images", token),
                Texts = [.. request.Texts],
                Timeout = deadline.Timeout,
            },
            token));
        return TypedResults.Ok(new SimilarityResponse
        {
            LogitsPerImage = answer.LogitsPerImage,
            LogitsPerText = Transposed(answer.LogitsPerImage, request.Texts.Count),
            LogitScale = answer.LogitScale,
            Probabilities = answer.Probabilities,
        });
    }

    private static async Task<Ok<ClassifyResponse>> ClassifyAsync(
        ClassifyRequest request, EndpointServices services, HttpContext context)
    {
        CheckCount(request.Images.Count, "images");
        using RequestDeadline deadline = RequestDeadline.Start(null, services.Options, context);
        ClassifyAnswer answer = await deadline.RunAsync(async token =>
        {
            var query = new ClassifyQuery
            {
                Model = request.Model,
                Images = await services.Pictures.LoadAllAsync(request.Images, "images", token),
                Labels = [.. request.Labels],
                Timeout = deadline.Timeout,
            };
            query = query with { Template = request.Template ?? query.Template };
            return await services.Grains.Inference().ClassifyAsync(query, token);
        });
        return TypedResults.Ok(new ClassifyResponse { Results = [.. answer.Images.Select(ToRecord)] });
    }

    private static async Task<Ok<ModelList>> ListModelsAsync(IGrainFactory grains, CancellationToken cancellationToken)
    {
        Abstractions.ModelDescription[] models = await grains.Inference().ModelsAsync(cancellationToken);
        return TypedResults.Ok(new ModelList
        {
            Models = [.. models.OrderBy(model => model.Name, StringComparer.Ordinal).Select(ClusterMapping.ToRecord)],
        });
    }

    /// <summary>Checked before the pictures are loaded; the grains check again.</summary>
    private static void CheckCount(int count, string field)
    {
        if (count > MaxInputs)
        {
            throw RequestException.Invalid(
                string.Create(CultureInfo.InvariantCulture, $"There are {count} {field}; must be at most {MaxInputs}."),
                new ProblemElement { Field = field });
        }
    }

    private static float[][] Transposed(float[][] rows, int columns) =>
        [.. Enumerable.Range(0, columns).Select(column => rows.Select(row => row[column]).ToArray())];

    private static Classification ToRecord(Abstractions.LabelProbability[] labels) => new()
    {
        Labels = [.. labels.Select(label => new Contracts.LabelProbability
        {
            Label = label.Label,
            Probability = label.Probability,
        })],
    };
}
