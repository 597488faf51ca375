using System.Buffers.Binary;

namespace ChineseClip.Model.Images;

/// <summary>Gives BMPs of 5 or 6 bits a channel Pillow's bytes: Skia rounds where Pillow cuts.</summary>
/// <remarks>Source: Pillow 9.4.0, BmpImagePlugin.py and Unpack.c, ImagingUnpackBGR15 and BGR16.</remarks>
internal static class SixteenBitBmp
{
    private const int LongHeader = 40;
    private const int Masks = 54;
    private const int BitFields = 3;
    private const int Full = 255;
    private const int Levels5 = 31;
    private const int Levels6 = 63;

    /// <summary>The greatest green number, 31 or 63; null for a BMP of another kind.</summary>
    public static int? GreenLevels(ReadOnlySpan<byte> data)
    {
        if (data.Length < Masks + 12 || BinaryPrimitives.ReadInt32LittleEndian(data[14..]) < LongHeader || data[28] != 16)
        {
            return null;
        }

        int compression = BinaryPrimitives.ReadInt32LittleEndian(data[30..]);
        return compression == 0 ? Levels5
            : compression != BitFields ? null
            : BinaryPrimitives.ReadUInt32LittleEndian(data[(Masks + 4)..]) switch
            {
                0x3E0 => Levels5,
                0x7E0 => Levels6,
                _ => null,
            };
    }

    /// <summary>Changes a decoded picture in its place.</summary>
    public static RgbImage Cut(RgbImage image, int greenLevels)
    {
        byte[] others = Table(Levels5);
        byte[] green = Table(greenLevels);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = (i % RgbImage.Channels == 1 ? green : others)[image.Pixels[i]];
        }

        return image;
    }

    /// <summary>From a number rounded to a byte to the same one cut.</summary>
    private static byte[] Table(int levels) =>
        [.. Enumerable.Range(0, Full + 1).Select(value => (byte)(((value * levels) + (Full / 2)) / Full * Full / levels))];
}
