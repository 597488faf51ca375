using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Gateway;

/// <summary>Calls to shards, wherever they are at the moment.</summary>
internal static class ShardCalls
{
    private const int MostReadRepetitions = 1;
    private const int MostWriteRepetitions = 4;

    // A shard that a leaving silo handed over is elsewhere within milliseconds. One whose silo was killed is not back before the silo is
    // voted out, and the caller is told instead.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Writes to a shard; repeated when the call met the end of a silo. By its operation id the write happens once.</summary>
    public static Task<ShardWriteAnswer> WriteAsync(
        this IGrainFactory grains, CollectionDefinition definition, int ordinal, ShardWrite write, TimeProvider time,
        CancellationToken cancellationToken) =>
        RepeatAsync(
            token => grains.Shard(definition.Name, ordinal).WriteAsync(write, token), MostWriteRepetitions, time, cancellationToken);

    /// <summary>Reads from the only copy of a shard; repeated once when the call met the end of a silo.</summary>
    public static Task<T> ReadAsync<T>(
        this IGrainFactory grains, CollectionDefinition definition, int ordinal, Func<IShardReads, CancellationToken, Task<T>> call,
        TimeProvider time, CancellationToken cancellationToken) =>
        RepeatAsync(token => call(grains.Shard(definition.Name, ordinal), token), MostReadRepetitions, time, cancellationToken);

    /// <summary>Calls every shard; a shard that does not answer makes the whole call fail.</summary>
    public static async Task<T[]> CallAllAsync<T>(
        this IGrainFactory grains, CollectionDefinition definition, Func<IShardGrain, Task<T>> call) =>
        await Task.WhenAll(Enumerable.Range(0, definition.Shards).Select(ordinal => Named(definition, ordinal, call, grains)));

    /// <summary>What a shard's failure means to the caller.</summary>
    public static ClusterException ToShardError(string collection, int ordinal, Exception exception) => exception switch
    {
        ClusterException own => own,
        _ => Unavailable(collection, ordinal, exception),
    };

    private static async Task<T> RepeatAsync<T>(
        Func<CancellationToken, Task<T>> call, int mostRepetitions, TimeProvider time, CancellationToken cancellationToken)
    {
        for (int repetition = 0; ; repetition++)
        {
            try
            {
                return await call(cancellationToken);
            }
            catch (SiloUnavailableException) when (repetition < mostRepetitions)
            {
                await Task.Delay(FirstPause * (1 << repetition), time, cancellationToken);
            }
        }
    }

    private static async Task<T> Named<T>(
        CollectionDefinition definition, int ordinal, Func<IShardGrain, Task<T>> call, IGrainFactory grains)
    {
        try
        {
            return await call(grains.Shard(definition.Name, ordinal));
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            throw Unavailable(definition.Name, ordinal, exception);
        }
    }

    private static ClusterException Unavailable(string collection, int ordinal, Exception exception) => new(
        ErrorCode.ShardUnavailable, $"The shard {collection}/{ordinal} did not answer: {exception.Message}");
}
