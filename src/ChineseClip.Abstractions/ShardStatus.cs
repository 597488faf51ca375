namespace ChineseClip.Abstractions;

/// <summary>Whether a shard answers.</summary>
[GenerateSerializer, Alias("cc.ShardStatus")]
public enum ShardStatus
{
    /// <summary>It is reading its log.</summary>
    Loading = 0,

    /// <summary>It answers.</summary>
    Ready = 1,

    /// <summary>It does not answer.</summary>
    Unavailable = 2,

    /// <summary>It answers, by comparing the vectors one by one that are not in its graph yet.</summary>
    Rebuilding = 3,
}
