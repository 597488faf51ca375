using ChineseClip.Abstractions;
using ChineseClip.Contracts;

namespace ChineseClip.Server.Mapping;

/// <summary>Snapshots as HTTP records.</summary>
internal static class SnapshotMapping
{
    public static SnapshotDescription ToRecord(CollectionSnapshot snapshot) => new()
    {
        Id = snapshot.Id,
        Collection = snapshot.Definition.Name,
        CreatedAt = snapshot.CreatedAt,
        ItemCount = snapshot.Shards.Sum(shard => shard.ItemCount),
        Bytes = snapshot.Shards.Sum(shard => shard.Bytes),
        ModelSha256 = snapshot.Definition.ModelSha256,
        Shards =
        [
            .. snapshot.Shards.Select(shard => new ShardSnapshotDescription
            {
                Ordinal = shard.Ordinal,
                Lsn = shard.Lsn,
                ItemCount = shard.ItemCount,
                Bytes = shard.Bytes,
            }),
        ],
    };
}
