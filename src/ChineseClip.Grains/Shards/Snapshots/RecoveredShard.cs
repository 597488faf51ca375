using ChineseClip.Abstractions;
using ChineseClip.Storage;

namespace ChineseClip.Grains.Shards.Snapshots;

/// <summary>What a shard begins with before it reads its log.</summary>
/// <param name="Contents">Those of the snapshot; empty without one.</param>
/// <param name="Operations">The operations the snapshot remembers, oldest first.</param>
/// <param name="Source">The snapshot; null without one. Whoever takes it disposes it.</param>
/// <param name="BadSnapshots">The newer ones that cannot be used.</param>
internal sealed record RecoveredShard(
    ShardContents Contents,
    IReadOnlyList<KeyValuePair<Guid, ShardWriteAnswer>> Operations,
    OpenedSnapshot? Source,
    IReadOnlyList<string> BadSnapshots);
