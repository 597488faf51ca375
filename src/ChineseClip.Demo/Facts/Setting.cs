namespace ChineseClip.Demo.Facts;

/// <summary>Where a picture plays. The order is the index in every export and in composition hashes: append only.</summary>
public enum Setting
{
    Day,
    Night,
    Seaside,
    Meadow,
    Snow,
    Indoor,
}
