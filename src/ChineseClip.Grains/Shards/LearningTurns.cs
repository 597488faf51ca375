using ChineseClip.Grains.Concurrency;

namespace ChineseClip.Grains.Shards;

/// <summary>Lets one shard of a silo learn at a time, each for a second, and none while searches wait for a processor.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class LearningTurns(BoundedPool searches, TimeProvider time)
{
    private static readonly long TicksPerTurn = TimeSpan.TicksPerSecond;

    private readonly Lock _lock = new();
    private readonly List<ShardLearning> _shards = [];

    public void Add(ShardLearning shard)
    {
        lock (_lock)
        {
            _shards.Add(shard);
        }
    }

    public void Remove(ShardLearning shard)
    {
        lock (_lock)
        {
            _shards.Remove(shard);
        }
    }

    public bool IsTurnOf(ShardLearning shard)
    {
        if (searches.Depth > 0)
        {
            return false;
        }

        long turn = time.GetElapsedTime(0).Ticks / TicksPerTurn;
        lock (_lock)
        {
            return _shards.Count > 0 && ReferenceEquals(_shards[(int)(turn % _shards.Count)], shard);
        }
    }
}
