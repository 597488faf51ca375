using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using SkiaSharp;

namespace ChineseClip.Server.Tests;

/// <summary>Pictures, and files that only pretend to be.</summary>
internal static class TestPictures
{
    public static byte[] Png(SKColor color, int side = 48) => Encode(color, side, SKEncodedImageFormat.Png);

    public static byte[] Jpeg(SKColor color, int side = 48) => Encode(color, side, SKEncodedImageFormat.Jpeg);

    public static byte[] TruncatedJpeg()
    {
        byte[] file = Jpeg(SKColors.Red, 256);
        return file[..(file.Length / 2)];
    }

    public static byte[] Text() => Encoding.UTF8.GetBytes("这不是图片。This is no picture.\n");

    /// <summary>A PNG of a few dozen bytes that claims to have width times height pixels.</summary>
    public static byte[] Bomb(int width, int height)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        header[9] = 2;
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        WriteChunk(file, "IHDR", header);
        WriteChunk(file, "IDAT", [0x78, 0x9C, 0x63, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01]);
        WriteChunk(file, "IEND", []);
        return file.ToArray();
    }

    public static string Base64(byte[] file) => Convert.ToBase64String(file);

    private static byte[] Encode(SKColor color, int side, SKEncodedImageFormat format)
    {
        using var bitmap = new SKBitmap(side, side);
        bitmap.Erase(color);
        using SKData data = bitmap.Encode(format, 90);
        return data.ToArray();
    }

    private static void WriteChunk(MemoryStream file, string type, byte[] content)
    {
        byte[] typed = [.. Encoding.ASCII.GetBytes(type), .. content];
        byte[] number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(typed);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(typed));
        file.Write(number);
    }
}
