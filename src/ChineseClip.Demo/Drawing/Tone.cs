namespace ChineseClip.Demo.Drawing;

/// <summary>The role of a part's paint: the first five follow the thing's colour, the others are the same on every thing.</summary>
internal enum Tone
{
    /// <summary>The thing's colour itself.</summary>
    Main,
    Shade,
    Tint,

    /// <summary>Stands out on Main, whatever that is: dots, stripes, labels.</summary>
    Spot,

    /// <summary>Small dark marks (eyes, buttons), light on dark things.</summary>
    Mark,
    Outline,
    Wood,
    Leaf,
    Cream,
    Ink,
    Glass,
    Metal,
    Flame,
    Carrot,
}
