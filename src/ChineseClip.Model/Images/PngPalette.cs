using System.Buffers.Binary;
using System.IO.Hashing;

namespace ChineseClip.Model.Images;

/// <summary>Gives an indexed PNG a colour for every index that its depth allows.</summary>
/// <remarks>
/// A picture may use indices that its palette lacks, although the format forbids it; decoders then differ. In Pillow such an
/// index is a gray of that level. Source: PNG specification (ISO/IEC 15948), 11.2.3; Pillow 9.4.0, Palette.c, ImagingPaletteNew.
/// </remarks>
internal static class PngPalette
{
    private const int FirstChunk = 8;
    private const int ChunkOverhead = 12;
    private const int DepthPlace = 24;
    private const int ColourTypePlace = 25;
    private const int Indexed = 3;
    private const int MaxDepth = 8;

    /// <summary>The same file with a whole palette; the file itself where it has one, or is of another kind.</summary>
    public static ReadOnlySpan<byte> Complete(ReadOnlySpan<byte> data)
    {
        if (data.Length <= ColourTypePlace || data[ColourTypePlace] != Indexed || data[DepthPlace] > MaxDepth)
        {
            return data;
        }

        var position = FirstChunk;
        while (position + ChunkOverhead <= data.Length)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(data[position..]);
            if (length > data.Length - position - ChunkOverhead || data[(position + 4)..].StartsWith("IDAT"u8))
            {
                break;
            }

            if (data[(position + 4)..].StartsWith("PLTE"u8))
            {
                var colours = RgbImage.Channels * (1 << data[DepthPlace]);
                var isSound = length > 0 && length % RgbImage.Channels == 0 && HasSoundSum(data.Slice(position, (int)length + ChunkOverhead));
                return length < colours && isSound ? Lengthen(data, position, (int)length, colours) : data;
            }

            position += ChunkOverhead + (int)length;
        }

        return data;
    }

    private static byte[] Lengthen(ReadOnlySpan<byte> data, int position, int length, int wanted)
    {
        var longer = new byte[data.Length + wanted - length];
        data[..(position + 8 + length)].CopyTo(longer);
        var chunk = longer.AsSpan(position, wanted + ChunkOverhead);
        BinaryPrimitives.WriteInt32BigEndian(chunk, wanted);
        for (var i = length; i < wanted; i++)
        {
            chunk[8 + i] = (byte)(i / RgbImage.Channels);
        }

        BinaryPrimitives.WriteUInt32BigEndian(chunk[(8 + wanted)..], Crc32.HashToUInt32(chunk.Slice(4, wanted + 4)));
        data[(position + length + ChunkOverhead)..].CopyTo(longer.AsSpan(position + wanted + ChunkOverhead));
        return longer;
    }

    private static bool HasSoundSum(ReadOnlySpan<byte> chunk) =>
        Crc32.HashToUInt32(chunk[4..^4]) == BinaryPrimitives.ReadUInt32BigEndian(chunk[^4..]);
}
