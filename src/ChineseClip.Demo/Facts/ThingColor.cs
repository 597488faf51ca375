namespace ChineseClip.Demo.Facts;

/// <summary>The colour of a thing. The order is the index in every export and in composition hashes: append only.</summary>
public enum ThingColor
{
    Red,
    Orange,
    Yellow,
    Green,
    Cyan,
    Blue,
    Purple,
    Pink,
    Brown,
    Black,
    White,
    Gray,
}
