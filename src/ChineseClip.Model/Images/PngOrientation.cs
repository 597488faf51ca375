using System.Buffers.Binary;
using SkiaSharp;

namespace ChineseClip.Model.Images;

/// <summary>Finds the EXIF orientation of a PNG, which Skia does not look for.</summary>
/// <remarks>Source: PNG specification (ISO/IEC 15948) with the eXIf chunk; TIFF 6.0, section 2.</remarks>
internal static class PngOrientation
{
    private const int FirstChunk = 8;
    private const int ChunkOverhead = 12;
    private const int TagOrientation = 0x0112;
    private const int TypeShort = 3;
    private const int EntryBytes = 12;
    private const int LargestOrigin = 8;

    public static SKEncodedOrigin Read(ReadOnlySpan<byte> data)
    {
        var position = FirstChunk;
        while (position + ChunkOverhead <= data.Length)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(data[position..]);
            if (length > data.Length - position - ChunkOverhead)
            {
                break;
            }

            if (data[(position + 4)..].StartsWith("eXIf"u8))
            {
                return ReadExif(data.Slice(position + 8, (int)length));
            }

            position += ChunkOverhead + (int)length;
        }

        return SKEncodedOrigin.Default;
    }

    private static SKEncodedOrigin ReadExif(ReadOnlySpan<byte> exif)
    {
        var isLittle = exif.StartsWith("II*\0"u8);
        if (exif.Length < 8 || (!isLittle && !exif.StartsWith("MM\0*"u8)))
        {
            return SKEncodedOrigin.Default;
        }

        var directory = isLittle ? BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]) : BinaryPrimitives.ReadUInt32BigEndian(exif[4..]);
        if (directory > exif.Length - 2)
        {
            return SKEncodedOrigin.Default;
        }

        var entries = exif[((int)directory + 2)..];
        for (int left = UInt16(exif[(int)directory..]); left > 0 && entries.Length >= EntryBytes; left--)
        {
            if (UInt16(entries) == TagOrientation && UInt16(entries[2..]) == TypeShort)
            {
                int origin = UInt16(entries[8..]);
                return origin is >= 1 and <= LargestOrigin ? (SKEncodedOrigin)origin : SKEncodedOrigin.Default;
            }

            entries = entries[EntryBytes..];
        }

        return SKEncodedOrigin.Default;

        int UInt16(ReadOnlySpan<byte> bytes) =>
            isLittle ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);
    }
}
