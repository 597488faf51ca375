namespace ChineseClip.Demo.Facts;

/// <summary>Where the first group of things stands, seen from the second.</summary>
public enum Relation
{
    Left,
    Right,
    Above,
    Below,
}
