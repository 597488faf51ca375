using ChineseClip.Model.Images;

namespace ChineseClip.Model;

/// <summary>A decoded picture that still knows what its file held besides red, green and blue.</summary>
/// <remarks>
/// cn_clip resizes a picture as its file holds it and then converts to RGB; the transformers classes convert first.
/// The two differ for palettes, transparency and 16-bit gray. A CMYK picture is converted first even so: up to 1 of 255 off.
/// </remarks>
public sealed class SourceImage
{
    internal SourceImage(RgbImage rgb, SourceMode mode, RgbImage? second)
    {
        Rgb = rgb;
        Mode = mode;
        Second = second;
    }

    /// <summary>The picture converted to RGB.</summary>
    public RgbImage Rgb { get; }

    internal SourceMode Mode { get; }

    /// <summary>Alpha in all three channels, or the high and the low byte of whole numbers; null where there are neither.</summary>
    internal RgbImage? Second { get; }
}
