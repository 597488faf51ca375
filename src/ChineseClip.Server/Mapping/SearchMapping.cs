using ChineseClip.Abstractions;
using ChineseClip.Contracts;
using ChineseClip.Server.Errors;
using ChineseClip.Server.Pictures;
using Hit = ChineseClip.Contracts.SearchHit;
using Timings = ChineseClip.Contracts.SearchTimings;

namespace ChineseClip.Server.Mapping;

/// <summary>Searches, HTTP records to and from grain messages.</summary>
internal static class SearchMapping
{
    public static async Task<SearchQuery> ToMessageAsync(
        string collection,
        SearchRequest request,
        TimeSpan timeout,
        PictureLoader pictures,
        CancellationToken cancellationToken)
    {
        int queries = (request.Text is null ? 0 : 1) + (request.Image is null ? 0 : 1)
            + (request.Id is null ? 0 : 1) + (request.Vector is null ? 0 : 1);
        if (queries != 1)
        {
            throw RequestException.Invalid(
                $"The search has {queries} of text, image, id and vector; must have exactly one.");
        }

        var message = new SearchQuery { Collection = collection };
        return message with
        {
            Text = request.Text,
            Image = await pictures.LoadOptionalAsync(request.Image, "image", cancellationToken),
            Id = request.Id,
            Vector = request.Vector is null ? null : VectorMapping.ToVector(request.Vector, "vector"),
            K = request.K ?? message.K,
            Ef = request.Ef,
            Filter = FilterMapping.ToClause(request.Filter),
            MinScore = request.MinScore,
            Exact = request.Exact ?? message.Exact,
            WithPayload = request.WithPayload ?? message.WithPayload,
            WithVector = request.WithVector ?? message.WithVector,
            AllowPartial = request.AllowPartial ?? message.AllowPartial,
            Timeout = timeout,
        };
    }

    public static RecommendQuery ToMessage(string collection, RecommendRequest request, TimeSpan timeout)
    {
        var message = new RecommendQuery { Collection = collection, Positive = [.. request.Positive] };
        return message with
        {
            Negative = [.. request.Negative ?? []],
            K = request.K ?? message.K,
            Ef = request.Ef,
            Filter = FilterMapping.ToClause(request.Filter),
            MinScore = request.MinScore,
            Exact = request.Exact ?? message.Exact,
            WithPayload = request.WithPayload ?? message.WithPayload,
            WithVector = request.WithVector ?? message.WithVector,
            AllowPartial = request.AllowPartial ?? message.AllowPartial,
            Timeout = timeout,
        };
    }

    public static SearchResponse ToRecord(SearchAnswer answer) => new()
    {
        Hits = [.. answer.Hits.Select(ToRecord)],
        ShardsAsked = answer.ShardsAsked,
        ShardsAnswered = answer.ShardsAnswered,
        VisitedCount = answer.VisitedCount,
        ScoredCount = answer.ScoredCount,
        Timings = new Timings
        {
            EmbedMilliseconds = answer.Timings.Embed.TotalMilliseconds,
            SearchMilliseconds = answer.Timings.Search.TotalMilliseconds,
            TotalMilliseconds = answer.Timings.Total.TotalMilliseconds,
        },
    };

    public static SearchBatchResult ToRecord(SearchOutcome outcome) => new()
    {
        Answer = outcome.Answer is null ? null : ToRecord(outcome.Answer),
        Error = outcome.Error is null ? null : ProblemMapping.ToElementError(outcome.Error),
    };

    private static Hit ToRecord(Abstractions.SearchHit hit) => new()
    {
        Id = hit.Id,
        Score = hit.Score,
        Payload = PayloadMapping.ToElement(hit.Payload),
        Vector = VectorMapping.ToNumbers(hit.Vector),
        Shard = hit.Shard,
        Epoch = hit.Epoch,
        Lsn = hit.Lsn,
    };
}
