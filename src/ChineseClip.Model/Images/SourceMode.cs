using System.Buffers.Binary;

namespace ChineseClip.Model.Images;

/// <summary>What the reference library's own pixels of a file are, as far as resizing depends on it.</summary>
internal enum SourceMode
{
    /// <summary>Gray or colour, of 8 bits: RGB, L.</summary>
    Colour,

    /// <summary>P and 1: places in a palette, between which there is nothing.</summary>
    Indexed,

    /// <summary>RGBA and LA: the more opaque a pixel, the more it weighs.</summary>
    Transparent,

    /// <summary>I: whole numbers of 16 bits, cut at 255 in the end.</summary>
    Integers,

    /// <summary>CMYK: four inks of 8 bits.</summary>
    Inks,
}

/// <summary>Tells the mode in which Pillow opens a file.</summary>
/// <remarks>Source: Pillow 9.4.0, PngImagePlugin.py, BmpImagePlugin.py, WebPImagePlugin.py.</remarks>
internal static class SourceModes
{
    private const int BitFields = 3;
    private const int CoreHeader = 12;
    private const int FileHeader = 14;

    /// <summary>The mode of a file other than a GIF, whose header was checked.</summary>
    public static SourceMode Of(ReadOnlySpan<byte> data, ImageHeader header) => header.Format switch
    {
        "PNG" => OfPng(depth: data[24], colourType: data[25]),
        "WebP" => HasAlpha(data) ? SourceMode.Transparent : SourceMode.Colour,
        "BMP" => OfBmp(data),
        _ => SourceMode.Colour,
    };

    private static SourceMode OfPng(int depth, int colourType) => (depth, colourType) switch
    {
        (_, 3) or (1, 0) => SourceMode.Indexed,
        (16, 0) => SourceMode.Integers,
        (_, 4 or 6) => SourceMode.Transparent,
        _ => SourceMode.Colour,
    };

    private static bool HasAlpha(ReadOnlySpan<byte> data)
    {
        var chunk = data[12..];
        return chunk.StartsWith("VP8X"u8) ? (data[20] & 0x10) != 0
            : chunk.StartsWith("VP8L"u8) && ((BinaryPrimitives.ReadUInt32LittleEndian(data[21..]) >> 28) & 1) != 0;
    }

    private static SourceMode OfBmp(ReadOnlySpan<byte> data)
    {
        var headerBytes = BinaryPrimitives.ReadInt32LittleEndian(data[FileHeader..]);
        var isCore = headerBytes == CoreHeader;
        if (data.Length < FileHeader + headerBytes)
        {
            return SourceMode.Colour;
        }

        int bits = BinaryPrimitives.ReadUInt16LittleEndian(data[(isCore ? 24 : 28)..]);
        if (bits > 8)
        {
            // An alpha mask stands in the headers of 56 bytes and more.
            return bits == 32 && headerBytes >= 56 && data[30] == BitFields && BinaryPrimitives.ReadUInt32LittleEndian(data[66..]) != 0
                ? SourceMode.Transparent
                : SourceMode.Colour;
        }

        var colours = headerBytes >= 36 ? BinaryPrimitives.ReadInt32LittleEndian(data[46..]) : 0;
        colours = colours is > 0 and <= 256 ? colours : 1 << bits;
        return colours > 2 && IsGrayRamp(data[(FileHeader + headerBytes)..], colours, isCore ? 3 : 4)
            ? SourceMode.Colour
            : SourceMode.Indexed;
    }

    private static bool IsGrayRamp(ReadOnlySpan<byte> palette, int colours, int stride)
    {
        for (var i = 0; i < colours; i++)
        {
            if (palette.Length < (i * stride) + 3 || palette.Slice(i * stride, 3).ContainsAnyExcept((byte)i))
            {
                return false;
            }
        }

        return true;
    }
}
