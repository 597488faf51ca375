using ChineseClip.Model.Images;

namespace ChineseClip.Model;

/// <summary>A decoded picture that still knows what its file held besides red, green and blue.</summary>
/// <remarks>
/// cn_clip resizes a picture as its file holds it and then converts to RGB; the transformers classes convert first.
/// The two differ for palettes, transparency, 16-bit gray and CMYK. A CMYK picture that is subsampled is converted first even so.
/// </remarks>
public sealed class SourceImage
{
    internal SourceImage(RgbImage rgb, SourceMode mode, RgbImage? second, RgbImage? black = null)
    {
        Rgb = rgb;
        Mode = mode;
        Second = second;
        Black = black;
    }

    /// <summary>The picture converted to RGB.</summary>
    public RgbImage Rgb { get; }

    internal SourceMode Mode { get; }

    /// <summary>Alpha in all three channels, or the high and the low byte of whole numbers, or cyan, magenta and yellow; null where there are none.</summary>
    internal RgbImage? Second { get; }

    /// <summary>The fourth ink, in all three channels; null where there is none.</summary>
    internal RgbImage? Black { get; }
}
