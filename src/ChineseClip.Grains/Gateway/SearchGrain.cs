using System.Diagnostics;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Telemetry;
using Orleans.Concurrency;

namespace ChineseClip.Grains.Gateway;

/// <summary>One search: make the query a vector, ask all shards, merge.</summary>
[StatelessWorker(1), Reentrant, GrainType("search")]
internal sealed class SearchGrain(GatewayServices services) : Grain, ISearchGrain
{
    private const int MaxBatchQueries = 256;
    private const int MaxExamples = 100;

    /// <summary>Queries of one batch at once: enough to fill the encoder's batches, too few to fill the shards' queues.</summary>
    private const int BatchConcurrency = 32;
    private const int DefaultEf = 64;

    public Task<SearchAnswer> SearchAsync(SearchQuery query, CancellationToken cancellationToken) =>
        SearchAsync(query, TimeSpan.Zero, cancellationToken);

    public async Task<SearchOutcome[]> SearchBatchAsync(SearchBatch batch, CancellationToken cancellationToken)
    {
        InputRules.CheckRange(batch.Queries.Length, 1, MaxBatchQueries, "The number of queries");
        using SemaphoreSlim places = new(BatchConcurrency);
        return await Task.WhenAll(batch.Queries.Select(async query =>
        {
            long start = services.Time.GetTimestamp();
            await places.WaitAsync(cancellationToken);
            try
            {
                TimeSpan waited = services.Time.GetElapsedTime(start);
                return new SearchOutcome { Answer = await SearchAsync(query, waited, cancellationToken) };
            }
            catch (ClusterException exception)
            {
                return new SearchOutcome { Error = new ItemError { Code = exception.Code, Message = exception.Message } };
            }
            finally
            {
                places.Release();
            }
        }));
    }

    public async Task<SearchAnswer> RecommendAsync(RecommendQuery query, CancellationToken cancellationToken)
    {
        InputRules.CheckRange(query.Positive.Length, 1, MaxExamples, "The number of positive ids");
        InputRules.CheckRange(query.Negative.Length, 0, MaxExamples, "The number of negative ids");
        SearchRules.CheckBounds(query.K, query.Ef, query.MinScore, query.Timeout);
        using Deadline deadline = new(services.Time, query.Timeout, cancellationToken);
        return await services.Collections.UseAsync(
            query.Collection,
            async definition =>
            {
                EmbeddingVector vector = await CombineAsync(query, definition, deadline);
                ShardSearch search = new()
                {
                    Incarnation = definition.Incarnation,
                    Vector = vector,
                    K = query.K,
                    Ef = Ef(query.Ef, query.K),
                    Exact = query.Exact,
                    Filter = query.Filter,
                    MinScore = query.MinScore,
                    ExcludedIds = [.. query.Positive.Concat(query.Negative).Distinct(StringComparer.Ordinal)],
                    WithPayload = query.WithPayload,
                    WithVector = query.WithVector,
                };
                return await FanOut.SearchAsync(services.Reads, definition, search, query.AllowPartial, deadline);
            },
            deadline);
    }

    private async Task<SearchAnswer> SearchAsync(SearchQuery query, TimeSpan waited, CancellationToken cancellationToken)
    {
        // Step 1: refuse what cannot be answered.
        SearchRules.Check(query);
        using Activity? activity = GrainsTelemetry.Activities.StartActivity("search");
        using Deadline deadline = new(services.Time, query.Timeout > waited ? query.Timeout - waited : TimeSpan.Zero, cancellationToken);
        SearchAnswer answer = await services.Collections.UseAsync(
            query.Collection,
            async definition =>
            {
                // Step 2: the query's vector.
                (EmbeddingVector vector, string? modelSha256) = await EmbedAsync(query, definition, deadline);

                // Steps 3 and 4: all shards; merge.
                ShardSearch search = new()
                {
                    Incarnation = definition.Incarnation,
                    ModelSha256 = modelSha256 ?? query.ExpectedModelSha256,
                    Vector = vector,
                    K = query.K,
                    Ef = Ef(query.Ef, query.K),
                    Exact = query.Exact,
                    Filter = query.Filter,
                    MinScore = query.MinScore,
                    ExcludedIds = query.Id is { } id ? [id] : [],
                    IsText = query.Text is not null,
                    WithPayload = query.WithPayload,
                    WithVector = query.WithVector,
                };
                return await FanOut.SearchAsync(services.Reads, definition, search, query.AllowPartial, deadline);
            },
            deadline);
        GrainsTelemetry.SearchSeconds.Record(answer.Timings.Total.TotalSeconds);
        activity?.SetTag("visited", answer.VisitedCount)?.SetTag("shards.answered", answer.ShardsAnswered);
        return answer;
    }

    private static int Ef(int? ef, int k) => ef ?? Math.Max(DefaultEf, 2 * k);

    private async Task<(EmbeddingVector Vector, string? ModelSha256)> EmbedAsync(
        SearchQuery query, CollectionDefinition definition, Deadline deadline)
    {
        if (query.Vector is { } vector)
        {
            return (InputRules.ToUnit(vector, definition.Dimension), null);
        }

        if (query.Id is { } id)
        {
            Dictionary<string, EmbeddingVector> found = await VectorsAsync([id], definition, deadline);
            return (found[id], definition.ModelSha256);
        }

        string model = definition.Model ?? throw InputRules.Invalid(
            $"The collection \"{definition.Name}\" has no model; it is searched by vector or id.");
        EmbeddingBatch batch = await deadline.RunAsync(
            token => query.Text is { } text
                ? services.Encoders.Text(model).EncodeTextsAsync(
                    new EncodeTexts { Texts = [text], Timeout = deadline.Left }, token)
                : GrainFactory.Inference().EmbedImagesAsync(
                    new EmbedImages
                    {
                        Model = model,
                        Images = [new NamedImage { Name = "image", Data = query.Image!.Value }],
                        Timeout = deadline.Left,
                    },
                    token),
            "Embedding the query");
        return (batch.Vectors[0], batch.ModelSha256);
    }

    private async Task<EmbeddingVector> CombineAsync(
        RecommendQuery query, CollectionDefinition definition, Deadline deadline)
    {
        Dictionary<string, EmbeddingVector> vectors = await VectorsAsync(
            [.. query.Positive.Concat(query.Negative).Distinct(StringComparer.Ordinal)], definition, deadline);
        float[] sum = new float[definition.Dimension];
        Accumulate(query.Positive, query.Negative.Length == 0 ? 1f : 2f);
        Accumulate(query.Negative, -1f);
        return InputRules.ToUnit(EmbeddingVector.From(sum), definition.Dimension, "The combination of the examples");

        // Twice the mean of the positive ones less the mean of the negative ones: as far beyond the positive ones as these
        // are from the negative ones.
        void Accumulate(string[] ids, float weight)
        {
            foreach (string id in ids)
            {
                float[] values = vectors[id].ToArray();
                for (int i = 0; i < sum.Length; i++)
                {
                    sum[i] += weight / ids.Length * values[i];
                }
            }
        }
    }

    private async Task<Dictionary<string, EmbeddingVector>> VectorsAsync(
        string[] ids, CollectionDefinition definition, Deadline deadline)
    {
        GetItems query = new() { Collection = definition.Name, Ids = ids, WithPayload = false, WithVector = true };
        StoredItem[] items = await deadline.RunAsync(
            token => GrainFactory.Items().GetAsync(query, token), "Fetching the examples");
        Dictionary<string, EmbeddingVector> vectors = items.ToDictionary(
            item => item.Id, item => item.Vector!.Value, StringComparer.Ordinal);
        string? missing = ids.FirstOrDefault(id => !vectors.ContainsKey(id));
        return missing is null
            ? vectors
            : throw new ClusterException(
                ErrorCode.NotFound, $"The item \"{missing}\" does not exist in the collection \"{definition.Name}\".");
    }
}
