namespace ChineseClip.Model;

/// <summary>What a tower is to show beyond its results.</summary>
[Flags]
public enum TowerDetails
{
    None = 0,

    /// <summary>What each layer receives, and what the last one gives.</summary>
    HiddenStates = 1,

    /// <summary>How much each token looks at each other, by layer and head.</summary>
    Attentions = 2,
}
