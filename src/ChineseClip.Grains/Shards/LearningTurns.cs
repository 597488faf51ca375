using ChineseClip.Grains.Concurrency;

namespace ChineseClip.Grains.Shards;

/// <summary>Lets one shard of a silo learn at a time, each for a second, and none while the processors have enough to do.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class LearningTurns(BoundedPool searches, TimeProvider time, Func<TimeSpan> processorTime)
{
    /// <summary>More of all processors than this, used by whatever this process does, leaves nothing for learning.</summary>
    private const double MostUsed = 0.7;
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private static readonly long TicksPerTurn = TimeSpan.TicksPerSecond;

    private readonly Lock _lock = new();
    private readonly List<ShardLearning> _shards = [];
    private long _lookedAt = time.GetTimestamp();
    private TimeSpan _usedThen = processorTime();
    private bool _isBusy;

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
            Look();
            return !_isBusy && _shards.Count > 0 && ReferenceEquals(_shards[(int)(turn % _shards.Count)], shard);
        }
    }

    private void Look()
    {
        TimeSpan elapsed = time.GetElapsedTime(_lookedAt);
        if (elapsed < LookEvery)
        {
            return;
        }

        TimeSpan used = processorTime();
        _isBusy = used - _usedThen > MostUsed * Environment.ProcessorCount * elapsed;
        _usedThen = used;
        _lookedAt = time.GetTimestamp();
    }
}
