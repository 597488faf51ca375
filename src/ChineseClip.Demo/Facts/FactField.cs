namespace ChineseClip.Demo.Facts;

/// <summary>One fact of a picture that a caption can get wrong.</summary>
public enum FactField
{
    Kind,
    Color,
    Count,

    /// <summary>Left for right, above for below.</summary>
    Relation,

    /// <summary>The two groups have exchanged their colours.</summary>
    Swap,
    Setting,
}
