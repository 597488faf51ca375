namespace ChineseClip.Abstractions;

/// <summary>What became of an item.</summary>
[GenerateSerializer, Alias("cc.ItemStatus")]
public enum ItemStatus
{
    /// <summary>It is new.</summary>
    Created = 0,

    /// <summary>It replaced an item with the same id.</summary>
    Updated = 1,

    /// <summary>It was not stored.</summary>
    Failed = 2,
}
