using System.Buffers.Binary;

namespace ChineseClip.Model.Images;

/// <summary>Format and size of a picture, read from its first bytes without a decoder.</summary>
internal readonly record struct ImageHeader(string Format, int Width, int Height)
{
    public const string Formats = "JPEG, PNG, WebP, GIF or BMP";

    private static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Reads the header; null means that it is whole and sound.</summary>
    public static ImageInputError? TryRead(ReadOnlySpan<byte> data, out ImageHeader header)
    {
        header = default;
        ImageInputError? error;
        if (data.StartsWith(PngSignature))
        {
            error = ReadPng(data, out header);
        }
        else if (data.StartsWith([(byte)0xFF, (byte)0xD8, (byte)0xFF]))
        {
            error = ReadJpeg(data, out header);
        }
        else if (data.StartsWith("GIF87a"u8) || data.StartsWith("GIF89a"u8))
        {
            error = data.Length < 13
                ? ImageInputError.Truncated
                : Found("GIF", ReadUInt16(data, 6), ReadUInt16(data, 8), out header);
        }
        else if (data.Length >= 12 && data.StartsWith("RIFF"u8) && data[8..].StartsWith("WEBP"u8))
        {
            error = ReadWebP(data, out header);
        }
        else if (data.StartsWith("BM"u8))
        {
            error = ReadBmp(data, out header);
        }
        else
        {
            return data.IsEmpty ? ImageInputError.Empty : IsBeginning(data) ? ImageInputError.Truncated : ImageInputError.Unrecognized;
        }

        return error ?? (header.Width > 0 && header.Height > 0 ? null : ImageInputError.Corrupt);
    }

    private static ImageInputError? Found(string format, long width, long height, out ImageHeader header)
    {
        header = new ImageHeader(format, (int)Math.Min(width, int.MaxValue), (int)Math.Min(height, int.MaxValue));
        return null;
    }

    // A few bytes that could be the start of one of the formats are a cut file rather than something else.
    private static bool IsBeginning(ReadOnlySpan<byte> data) =>
        PngSignature.StartsWith(data) || (data.Length < 12 && data.Length >= 4 && data.StartsWith("RIFF"u8))
        || (data.Length == 2 && data[0] == 0xFF && data[1] == 0xD8) || (data.Length >= 3 && "GIF89a"u8.StartsWith(data));

    private static ImageInputError? ReadPng(ReadOnlySpan<byte> data, out ImageHeader header)
    {
        header = default;
        if (data.Length < 33)
        {
            return ImageInputError.Truncated;
        }

        if (!data[12..].StartsWith("IHDR"u8))
        {
            return ImageInputError.Corrupt;
        }

        return Found("PNG", BinaryPrimitives.ReadUInt32BigEndian(data[16..]), BinaryPrimitives.ReadUInt32BigEndian(data[20..]), out header);
    }

    private static ImageInputError? ReadJpeg(ReadOnlySpan<byte> data, out ImageHeader header)
    {
        header = default;
        var position = 2;
        while (position + 4 <= data.Length)
        {
            var marker = data[position + 1];
            if (data[position] != 0xFF)
            {
                // Bytes that belong to no segment are skipped, as libjpeg does.
                position++;
            }
            else if (marker == 0xFF)
            {
                position++;
            }
            else if (marker is 0x00 or 0x01 or 0xD8 or (>= 0xD0 and <= 0xD7))
            {
                position += 2;
            }
            else if (marker is >= 0xC0 and <= 0xCF and not 0xC4 and not 0xC8 and not 0xCC)
            {
                return position + 9 > data.Length
                    ? ImageInputError.Truncated
                    : Found(
                        "JPEG",
                        BinaryPrimitives.ReadUInt16BigEndian(data[(position + 7)..]),
                        BinaryPrimitives.ReadUInt16BigEndian(data[(position + 5)..]),
                        out header);
            }
            else if (marker is 0xD9 or 0xDA)
            {
                return ImageInputError.Corrupt;
            }
            else
            {
                position += 2 + BinaryPrimitives.ReadUInt16BigEndian(data[(position + 2)..]);
            }
        }

        return ImageInputError.Truncated;
    }

    private static ImageInputError? ReadWebP(ReadOnlySpan<byte> data, out ImageHeader header)
    {
        header = default;
        if (data.Length < 30)
        {
            return ImageInputError.Truncated;
        }

        var chunk = data[12..];
        if (chunk.StartsWith("VP8X"u8))
        {
            return Found("WebP", 1 + ReadUInt24(data, 24), 1 + ReadUInt24(data, 27), out header);
        }

        if (chunk.StartsWith("VP8L"u8) && data[20] == 0x2F)
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(data[21..]);
            return Found("WebP", 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF), out header);
        }

        return chunk.StartsWith("VP8 "u8) && data[23..].StartsWith([(byte)0x9D, (byte)0x01, (byte)0x2A])
            ? Found("WebP", ReadUInt16(data, 26) & 0x3FFF, ReadUInt16(data, 28) & 0x3FFF, out header)
            : ImageInputError.Corrupt;
    }

    private static ImageInputError? ReadBmp(ReadOnlySpan<byte> data, out ImageHeader header)
    {
        header = default;
        if (data.Length < 26)
        {
            return ImageInputError.Truncated;
        }

        var headerBytes = BinaryPrimitives.ReadUInt32LittleEndian(data[14..]);
        if (headerBytes == 12)
        {
            return Found("BMP", ReadUInt16(data, 18), ReadUInt16(data, 20), out header);
        }

        // A negative height means that the rows run from the top.
        return headerBytes is >= 16 and <= 124
            ? Found(
                "BMP",
                BinaryPrimitives.ReadInt32LittleEndian(data[18..]),
                Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(data[22..])),
                out header)
            : ImageInputError.Unrecognized;
    }

    private static int ReadUInt16(ReadOnlySpan<byte> data, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(data[offset..]);

    private static int ReadUInt24(ReadOnlySpan<byte> data, int offset) =>
        data[offset] | (data[offset + 1] << 8) | (data[offset + 2] << 16);
}
