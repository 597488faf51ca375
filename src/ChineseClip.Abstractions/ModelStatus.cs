namespace ChineseClip.Abstractions;

/// <summary>Whether a model can embed.</summary>
[GenerateSerializer, Alias("cc.ModelStatus")]
public enum ModelStatus
{
    /// <summary>It is configured and its package is in order.</summary>
    Available = 0,

    /// <summary>Its package is missing or wrong.</summary>
    Unavailable = 1,
}
