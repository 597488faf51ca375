using System.Diagnostics;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Concurrency;
using ChineseClip.Grains.Telemetry;

namespace ChineseClip.Grains.Shards;

/// <summary>Answers the reads of a shard's copy on the silo's search pool, off the grain scheduler.</summary>
internal sealed class ContentsCalls(BoundedPool pool, string key)
{
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    public async Task<ShardSearchAnswer> SearchAsync(
        Func<ShardSearch, CancellationToken, ShardSearchAnswer> work, ShardSearch search, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        using Activity? activity = GrainsTelemetry.Activities.StartActivity("shard.search");
        activity?.SetTag("shard", key);
        ShardSearchAnswer answer = await RunAsync(token => work(search, token), search.Timeout, cancellationToken);
        activity?.SetTag("visited", answer.VisitedCount)?.SetTag("scored", answer.ScoredCount);
        GrainsTelemetry.ShardSearchSeconds.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        GrainsTelemetry.VisitedNodes.Record(answer.VisitedCount);
        return answer;
    }

    public Task<T> RunAsync<T>(Func<CancellationToken, T> work, CancellationToken cancellationToken) =>
        RunAsync(work, LongestWait, cancellationToken);

    public ClusterException Stopping() => new(ErrorCode.ShardUnavailable, $"The shard {key} is stopping; ask again.");

    private async Task<T> RunAsync<T>(Func<CancellationToken, T> work, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        CancellationToken token = limit.Token;
        try
        {
            return await pool.RunAsync(() => work(token), token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClusterException(ErrorCode.Timeout, $"The shard {key} did not finish within {timeout}.");
        }
        catch (ObjectDisposedException)
        {
            throw Stopping();
        }
    }
}
