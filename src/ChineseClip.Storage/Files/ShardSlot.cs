namespace ChineseClip.Storage.Files;

/// <summary>What this process knows of one shard.</summary>
internal sealed class ShardSlot(string shardKey, string directory)
{
    public string ShardKey => shardKey;

    public string Directory => directory;

    /// <summary>One opening, deletion or publication at a time.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>The handle with the newest epoch.</summary>
    public FileShardLog? Log { get; set; }
}
