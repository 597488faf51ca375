using ChineseClip.Abstractions;
using ChineseClip.Vectors.Persistence;

namespace ChineseClip.Grains.Shards.Snapshots;

/// <summary>A shard as it was at one LSN, to be written while the shard is read and written.</summary>
/// <param name="Index">The graph and the vectors.</param>
/// <param name="Entries">Every entry, in no order; all of them linked.</param>
/// <param name="Operations">The operations remembered, oldest first.</param>
/// <param name="Lsn">It contains every record up to this one, and none beyond.</param>
internal sealed record ShardImage(
    IndexSnapshot Index, ShardEntry[] Entries, IReadOnlyList<KeyValuePair<Guid, ShardWriteAnswer>> Operations, long Lsn) : IDisposable
{
    public void Dispose() => Index.Dispose();
}
