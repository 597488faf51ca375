using System.Collections.Concurrent;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using Microsoft.Extensions.Options;

namespace ChineseClip.Grains.Gateway;

/// <summary>
/// Sends a read to one copy of a shard, and to the next one when the first fails or has not answered for as long as 95 of 100 reads
/// take. The first answer counts.
/// </summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class ShardReadRouter(IGrainFactory grains, IOptions<SearchOptions> options, TimeProvider time)
{
    private const string Any = "any";
    private readonly LatencyWindow _latencies = new();
    private readonly ConcurrentDictionary<(Guid Incarnation, int Ordinal), long> _acknowledged = new();
    private int _turn;

    /// <summary>A write was acknowledged: reads by this gateway know it from now on.</summary>
    public void Acknowledge(CollectionDefinition definition, int ordinal, long lsn)
    {
        if (definition.Replicas > 1)
        {
            _acknowledged.AddOrUpdate((definition.Incarnation, ordinal), lsn, (_, known) => Math.Max(known, lsn));
        }
    }

    public Task<T[]> ReadAllAsync<T>(
        CollectionDefinition definition, Func<IShardReads, CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, definition.Shards).Select(ordinal => ReadAsync(definition, ordinal, call, cancellationToken)));

    /// <exception cref="ClusterException">No copy answered.</exception>
    public async Task<T> ReadAsync<T>(
        CollectionDefinition definition, int ordinal, Func<IShardReads, CancellationToken, Task<T>> call,
        CancellationToken cancellationToken)
    {
        try
        {
            ReadPromise.Set(definition.Incarnation, _acknowledged.GetValueOrDefault((definition.Incarnation, ordinal)));
            return definition.Replicas == 1
                ? await grains.ReadAsync(definition, ordinal, call, time, cancellationToken)
                : await HedgeAsync(Copies(definition, ordinal), call, cancellationToken);
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            throw ShardCalls.ToShardError(definition.Name, ordinal, exception);
        }
    }

    private IShardReads[] Copies(CollectionDefinition definition, int ordinal)
    {
        int first = options.Value.ReadFrom == Any ? (int)((uint)Interlocked.Increment(ref _turn) % definition.Replicas) : 0;
        return
        [
            .. Enumerable.Range(0, definition.Replicas).Select(i => (first + i) % definition.Replicas).Select(
                replica => replica == 0
                    ? (IShardReads)grains.Shard(definition.Name, ordinal)
                    : grains.ShardReader(definition.Name, ordinal, replica)),
        ];
    }

    private async Task<T> HedgeAsync<T>(
        IShardReads[] copies, Func<IShardReads, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using CancellationTokenSource won = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task<T>> running = [];
        Exception? failure = null;
        int next = 0;
        try
        {
            while (next < copies.Length || running.Count > 0)
            {
                if (next < copies.Length)
                {
                    running.Add(TimedAsync(call(copies[next++], won.Token)));
                }

                Task first = next < copies.Length
                    ? await Task.WhenAny([.. running, Task.Delay(_latencies.Percentile95, time, won.Token)])
                    : await Task.WhenAny(running).WaitAsync(cancellationToken);
                cancellationToken.ThrowIfCancellationRequested();
                if (first is not Task<T> answer)
                {
                    continue;    // the hedge: the next copy is asked as well
                }

                running.Remove(answer);
                try
                {
                    return await answer;
                }
                catch (Exception exception) when (IsWorthAnother(exception))
                {
                    failure ??= exception;
                }
            }
        }
        finally
        {
            await won.CancelAsync();
            foreach (Task<T> loser in running)
            {
                loser.Ignore();
            }
        }

        throw failure!;
    }

    private static bool IsWorthAnother(Exception exception) =>
        exception is OrleansException or TimeoutException or ClusterException { IsTransient: true }
            or ClusterException { Code: ErrorCode.Corrupt };

    private async Task<T> TimedAsync<T>(Task<T> call)
    {
        long start = time.GetTimestamp();
        T answer = await call;
        _latencies.Add(time.GetElapsedTime(start));
        return answer;
    }
}
