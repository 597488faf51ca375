namespace ChineseClip.Grains.Shards;

/// <summary>One live item of a shard. An update replaces it; only its row changes, once, when its vector comes into the graph.</summary>
/// <param name="id">The caller's key.</param>
/// <param name="slot">Its place among the entries.</param>
/// <param name="row">Where its vector is: see <see cref="Row"/>.</param>
/// <param name="payload">A JSON object in UTF-8.</param>
internal sealed class ShardEntry(string id, int slot, int row, ReadOnlyMemory<byte>? payload)
{
    public string Id => id;

    public int Slot => slot;

    public ReadOnlyMemory<byte>? Payload => payload;

    /// <summary>0 or more: the ordinal in the graph. Below 0: the complement of its row among the vectors that are not linked yet.</summary>
    public int Row { get; set; } = row;

    public bool IsLinked => Row >= 0;
}
