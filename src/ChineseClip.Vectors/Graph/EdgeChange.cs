namespace ChineseClip.Vectors.Graph;

/// <summary>What adding an edge did.</summary>
internal enum EdgeChange
{
    None,
    Added,
    Replaced,
}
