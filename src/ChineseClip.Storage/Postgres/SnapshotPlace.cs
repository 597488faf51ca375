using ChineseClip.Storage.Snapshots;

namespace ChineseClip.Storage.Postgres;

/// <summary>A snapshot and the row of its shard.</summary>
internal readonly record struct SnapshotPlace(long ShardId, SnapshotManifest Manifest);
