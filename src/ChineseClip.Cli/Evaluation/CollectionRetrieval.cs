using ChineseClip.Cli.Running;
using ChineseClip.Client;
using ChineseClip.Contracts;
using ChineseClip.Model.Evaluation;

namespace ChineseClip.Cli.Evaluation;

/// <summary>Recall of a collection: texts are searched for in it, and its vectors are compared with the texts.</summary>
internal sealed class CollectionRetrieval(IChineseClipClient client, CollectionDescription collection)
{
    private const int SearchBatch = 64;

    private const int TextBatch = 128;

    private const int ItemBatch = 256;

    /// <summary>Candidates while searching; null leaves it to the server.</summary>
    public int? Ef { get; init; }

    /// <summary>Compare with every item instead of searching the graph.</summary>
    public bool IsExact { get; init; }

    /// <summary>Called with how many more texts and items are done.</summary>
    public required Action<int> Advance { get; init; }

    /// <summary>The answers and features of the last run, where OFA-Sys' files can hold its ids.</summary>
    public Func<RetrievalAnswers>? Answers { get; private set; }

    public async Task<RetrievalOutcome> RunAsync(IReadOnlyList<RetrievalQuery> queries, CancellationToken cancellationToken)
    {
        Dictionary<string, IReadOnlyList<string>> annotations = queries.ToDictionary(query => query.Id, query => query.ItemIds, StringComparer.Ordinal);
        IReadOnlyDictionary<string, IReadOnlyList<string>> inverted = RetrievalFiles.Invert(annotations);
        FeatureSet<string> items = await ReadItemsAsync([.. inverted.Keys], cancellationToken);
        if (items.Ids.Count == 0)
        {
            throw new CommandFailedException(
                $"None of the {inverted.Count} annotated items is in the collection '{collection.Name}'; the first is '{inverted.Keys.First()}'.");
        }

        HashSet<string> present = new(items.Ids, StringComparer.Ordinal);
        Dictionary<string, IReadOnlyList<string>> found = await SearchAsync(queries, cancellationToken);
        RecallScores textToImage = RecallScores.Of(annotations, found);
        FeatureSet<string> texts = await EmbedAsync(queries, cancellationToken);
        IReadOnlyDictionary<string, IReadOnlyList<string>> best = TopPredictions.Find(items, texts);
        RecallScores imageToText = RecallScores.Of(
            inverted.Where(pair => present.Contains(pair.Key)).ToDictionary(StringComparer.Ordinal), best);
        Answers = () => new RetrievalAnswers
        {
            TextToImage = Numbered(found),
            ImageToText = Numbered(best),
            Texts = Numbered(texts),
            Images = Numbered(items),
        };
        return new RetrievalOutcome(
            queries.Count, items.Ids.Count, [.. inverted.Keys.Where(id => !present.Contains(id))], textToImage, imageToText);
    }

    private static Dictionary<long, IReadOnlyList<long>> Numbered(IReadOnlyDictionary<string, IReadOnlyList<string>> answers) =>
        answers.ToDictionary(
            pair => RetrievalAnswers.NumberOf(pair.Key), IReadOnlyList<long> (pair) => [.. pair.Value.Select(RetrievalAnswers.NumberOf)]);

    private static FeatureSet<long> Numbered(FeatureSet<string> features) =>
        new([.. features.Ids.Select(RetrievalAnswers.NumberOf)], features.Values, features.Dimension);

    private async Task<Dictionary<string, IReadOnlyList<string>>> SearchAsync(
        IReadOnlyList<RetrievalQuery> queries, CancellationToken cancellationToken)
    {
        Dictionary<string, IReadOnlyList<string>> predictions = new(StringComparer.Ordinal);
        foreach (RetrievalQuery[] batch in queries.Chunk(SearchBatch))
        {
            SearchBatchRequest request = new()
            {
                Searches = [.. batch.Select(query => new SearchRequest
                {
                    Text = query.Text,
                    K = RecallScores.Depth,
                    Ef = Ef,
                    Exact = IsExact ? true : null,
                    WithPayload = false,
                })],
            };
            SearchBatchResponse answer = await client.SearchBatchAsync(collection.Name, request, cancellationToken);
            for (int i = 0; i < batch.Length; i++)
            {
                SearchResponse found = answer.Results[i].Answer
                    ?? throw new CommandFailedException($"The search for query {batch[i].Id} failed: {answer.Results[i].Error?.Detail}");
                predictions.Add(batch[i].Id, [.. found.Hits.Select(hit => hit.Id)]);
            }

            Advance(batch.Length);
        }

        return predictions;
    }

    private async Task<FeatureSet<string>> EmbedAsync(IReadOnlyList<RetrievalQuery> queries, CancellationToken cancellationToken)
    {
        List<float> values = new(queries.Count * collection.Dimension);
        foreach (RetrievalQuery[] batch in queries.Chunk(TextBatch))
        {
            EmbeddingsResponse answer = await client.EmbedAsync(
                new EmbeddingsRequest { Model = collection.Model!, Texts = [.. batch.Select(query => query.Text)] }, cancellationToken);
            foreach (IReadOnlyList<float> embedding in answer.TextEmbeddings ?? [])
            {
                values.AddRange(embedding);
            }

            Advance(batch.Length);
        }

        return values.Count == queries.Count * collection.Dimension
            ? new FeatureSet<string>([.. queries.Select(query => query.Id)], [.. values], collection.Dimension)
            : throw new CommandFailedException(
                $"The server gave {values.Count} numbers for {queries.Count} texts of {collection.Dimension} dimensions.");
    }

    private async Task<FeatureSet<string>> ReadItemsAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        List<string> found = [];
        List<float> values = [];
        foreach (string[] batch in ids.Chunk(ItemBatch))
        {
            ScrollRequest request = new()
            {
                Filter = new Filter { Must = [new FilterCondition { Id = batch }] },
                WithPayload = false,
                WithVector = true,
            };
            await foreach (ItemResponse item in client.ScrollAllAsync(collection.Name, request, cancellationToken))
            {
                found.Add(item.Id);
                values.AddRange(item.Vector ?? throw new CommandFailedException($"The server gave no vector for item '{item.Id}'."));
            }

            Advance(batch.Length);
        }

        return new FeatureSet<string>(found, [.. values], collection.Dimension);
    }
}
