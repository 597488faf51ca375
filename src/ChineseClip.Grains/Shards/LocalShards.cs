using System.Collections.Concurrent;
using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Shards;

/// <summary>The shards that are active on this silo.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class LocalShards
{
    private readonly ConcurrentDictionary<string, IShardGrain> _shards = new(StringComparer.Ordinal);

    public IReadOnlyCollection<KeyValuePair<string, IShardGrain>> All => [.. _shards];

    public void Add(IShardGrain shard, string key) => _shards[key] = shard;

    public void Remove(string key) => _shards.TryRemove(key, out _);
}
