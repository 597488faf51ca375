namespace ChineseClip.Model.Images;

/// <summary>A rectangle of pixels.</summary>
internal readonly record struct PixelWindow(int Left, int Top, int Width, int Height);
