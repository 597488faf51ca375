using ChineseClip.Grains.Configuration;
using ChineseClip.Storage;
using Microsoft.Extensions.Logging;

namespace ChineseClip.Grains.Shards;

/// <summary>What a shard needs of the silo it is on.</summary>
internal sealed record ShardHost(
    IShardStorage Storage, SnapshotOptions Snapshots, LearningOptions Learning, TimeProvider Time, ILogger Logger)
{
    /// <summary>When the shard may learn; null for whenever it likes.</summary>
    public LearningTurns? LearningTurns { get; init; }
}
