namespace ChineseClip.Abstractions;

/// <summary>How much of a collection can be searched.</summary>
[GenerateSerializer, Alias("cc.CollectionStatus")]
public enum CollectionStatus
{
    /// <summary>Every shard answers.</summary>
    Ready = 0,

    /// <summary>Some shard is still reading its log.</summary>
    Loading = 1,

    /// <summary>Some shard does not answer.</summary>
    Degraded = 2,
}
