namespace ChineseClip.Grains.Shards;

/// <summary>One live item of a shard. Replaced, never changed.</summary>
/// <param name="Id">The caller's key.</param>
/// <param name="Ordinal">Its row in the index.</param>
/// <param name="Payload">A JSON object in UTF-8.</param>
internal sealed record ShardEntry(string Id, int Ordinal, ReadOnlyMemory<byte>? Payload);
