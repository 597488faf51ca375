namespace ChineseClip.Demo.Drawing;

/// <summary>Where one thing stands, in pixels of the 256-pixel picture.</summary>
/// <param name="Group">Index of its group.</param>
/// <param name="X">Centre.</param>
/// <param name="Y">Centre.</param>
/// <param name="HalfWidth">Half the side of its square.</param>
/// <param name="Degrees">Small turn, clockwise.</param>
/// <param name="IsMirrored">Whether left and right are exchanged.</param>
internal readonly record struct Placement(int Group, float X, float Y, float HalfWidth, float Degrees, bool IsMirrored);
