using ChineseClip.Abstractions;
using ChineseClip.Vectors;

namespace ChineseClip.Grains.Gateway;

/// <summary>Sends one vector to all shards and merges what they find.</summary>
internal static class FanOut
{
    public static async Task<SearchAnswer> SearchAsync(
        ShardReadRouter reads, CollectionDefinition definition, ShardSearch search, bool allowPartial, Deadline deadline)
    {
        TimeSpan before = deadline.Elapsed;
        ShardSearch inTime = search with { Timeout = deadline.Left };
        (ShardSearchAnswer? Answer, ClusterException? Error)[] outcomes = await Task.WhenAll(
            Enumerable.Range(0, definition.Shards).Select(
                ordinal => AskAsync(reads, definition, ordinal, inTime, deadline)));
        ShardSearchAnswer[] answers = [.. outcomes.Select(outcome => outcome.Answer).OfType<ShardSearchAnswer>()];
        ClusterException[] errors = [.. outcomes.Select(outcome => outcome.Error).OfType<ClusterException>()];

        // The caller's own mistakes are errors also where a partial answer is welcome.
        ClusterException? mistake = errors.FirstOrDefault(error => IsCallersMistake(error.Code));
        if (mistake is not null || (errors.Length > 0 && (!allowPartial || answers.Length == 0)))
        {
            throw mistake ?? Missing(definition, errors);
        }

        return new SearchAnswer
        {
            Hits = TopK.Merge([.. answers.Select(answer => answer.Hits)], search.K, HitOrder.Instance),
            ShardsAsked = definition.Shards,
            ShardsAnswered = answers.Length,
            VisitedCount = answers.Sum(answer => answer.VisitedCount),
            ScoredCount = answers.Sum(answer => answer.ScoredCount),
            Timings = new SearchTimings { Embed = before, Search = deadline.Elapsed - before, Total = deadline.Elapsed },
        };
    }

    private static bool IsCallersMistake(ErrorCode code) =>
        code is ErrorCode.InvalidInput or ErrorCode.NotFound or ErrorCode.Conflict or ErrorCode.DimensionMismatch;

    private static ClusterException Missing(CollectionDefinition definition, ClusterException[] errors) =>
        errors.FirstOrDefault(error => error.Code == ErrorCode.Overloaded)
            ?? new ClusterException(
                errors.Any(error => error.Code == ErrorCode.Timeout) ? ErrorCode.Timeout : ErrorCode.ShardUnavailable,
                $"{errors.Length} of {definition.Shards} shards of \"{definition.Name}\" did not answer. {errors[0].Message}");

    private static async Task<(ShardSearchAnswer? Answer, ClusterException? Error)> AskAsync(
        ShardReadRouter reads, CollectionDefinition definition, int ordinal, ShardSearch search, Deadline deadline)
    {
        try
        {
            return (await deadline.RunAsync(
                token => reads.ReadAsync(definition, ordinal, (shard, end) => shard.SearchAsync(search, end), token), $"The search of shard {definition.Name}/{ordinal}"), null);
        }
        catch (Exception exception) when (exception is ClusterException or OrleansException or TimeoutException)
        {
            return (null, ShardCalls.ToShardError(definition.Name, ordinal, exception));
        }
    }
}
