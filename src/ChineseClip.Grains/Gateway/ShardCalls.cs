using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Gateway;

/// <summary>Calls to all shards of a collection at once.</summary>
internal static class ShardCalls
{
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
