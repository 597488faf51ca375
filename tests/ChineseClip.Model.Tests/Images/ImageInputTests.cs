using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using CsCheck;

namespace ChineseClip.Model.Tests.Images;

/// <summary>Damaged and hostile pictures: each is refused with its own error and never decoded in part.</summary>
public class ImageInputTests
{
    public static TheoryData<string> Files => ImageGolden.Files;

    [Fact]
    public void Decode_Empty_SaysSo() => AssertRefused([], ImageInputError.Empty, "0 bytes");

    [Fact]
    public void Decode_Text_IsUnrecognized() =>
        AssertRefused(Encoding.UTF8.GetBytes("这不是图片, just text named .jpg"), ImageInputError.Unrecognized, "not a JPEG");

    [Fact]
    public void Decode_PngWithPresetDictionary_IsCorrupt()
    {
        var data = File.ReadAllBytes(ImageGolden.VariantPath("png_rgb16.png"));
        var zlibHeader = data.AsSpan().IndexOf("IDAT"u8) + 4;
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(zlibHeader), 0x7820); // deflate, 32 KiB window, FDICT

        AssertRefused(data, ImageInputError.Corrupt, "compression");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Decode_CutAnywhere_IsRefused(string file)
    {
        var data = ImageGolden.Read(file);

        // Of an animation only the first frame is needed, and of the smallest files the end holds no pixels.
        double[] parts = file.StartsWith("gif_anim", StringComparison.Ordinal) ? [0.02, 0.1] : data.Length < 500 ? [0.02, 0.5] : [0.02, 0.25, 0.5, 0.75, 0.9];
        foreach (var kept in parts)
        {
            var exception = Assert.Throws<ImageInputException>(() => ImageDecoder.Decode(data.AsSpan(0, (int)(data.Length * kept)), file));
            Assert.Contains(exception.Error, new[] { ImageInputError.Truncated, ImageInputError.Corrupt });
            Assert.Contains(file, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Decode_HalfJpeg_IsTruncatedNotGray()
    {
        var data = ImageGolden.Read("jpeg_q90_320x240.jpg");
        AssertRefused(data[..(data.Length / 2)], ImageInputError.Truncated, "320x240");
    }

    [Fact]
    public void Decode_PixelBomb_IsRefusedQuicklyAndCheaply()
    {
        var bomb = Png(60_000, 60_000, new byte[1000]);
        var clock = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();

        AssertRefused(bomb, ImageInputError.TooManyPixels, "60000x60000 is 3600000000 pixels; at most 100000000");

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.InRange(clock.ElapsedMilliseconds, 0, 200);
    }

    [Theory]
    [InlineData("webp_lossy_alpha.webp")]
    [InlineData("webp_lossless.webp")]
    public void Decode_WebPWithoutItsLastBytes_IsTruncated(string file)
    {
        byte[] data = File.ReadAllBytes(Path.Combine(GoldenFiles.Root, "formats", file));

        AssertRefused(data[..^2], ImageInputError.Truncated, $"after {data.Length - 2} bytes");
    }

    [Fact]
    public void Decode_HeaderPromisesMoreThanData_IsTruncated() =>
        AssertRefused(Png(3000, 3000, new byte[1000]), ImageInputError.Truncated, "3000x3000");

    [Fact]
    public void Decode_MoreBytesThanAllowed_NamesBound()
    {
        var exception = Assert.Throws<ImageInputException>(
            () => ImageDecoder.Decode(ImageGolden.Read("noise_128x96.png"), "big.png", new ImageDecodeLimits { MaxBytes = 1000 }));
        Assert.Equal(ImageInputError.TooManyBytes, exception.Error);
        Assert.Contains("at most 1000", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_NoHeight_IsCorrupt() => AssertRefused(Png(10, 0, [0]), ImageInputError.Corrupt, "size");

    [Fact]
    public void DamagedPicturesDecodeOrAreRefused()
    {
        var pictures = ImageGolden.Pictures.Select(picture => ImageGolden.Read(picture.File))
            .Concat(ImageGolden.Variants.Select(picture => File.ReadAllBytes(ImageGolden.VariantPath(picture.File)))).ToArray();
        var limits = new ImageDecodeLimits { MaxPixels = 1_000_000 };
        Gen.Select(Gen.Int[0, pictures.Length - 1], Gen.Int.Array[1, 12], Gen.Byte.Array[1, 12], Gen.Int[0, 3])
            .Sample((which, places, values, cut) =>
            {
                var data = pictures[which].ToArray();
                for (var i = 0; i < places.Length; i++)
                {
                    // Half of the damage goes to the first bytes, where the structure is.
                    var range = i % 2 == 0 ? Math.Min(64, data.Length) : data.Length;
                    data[(int)((uint)places[i] % (uint)range)] = values[i % values.Length];
                }

                try
                {
                    var image = ImageDecoder.Decode(data.AsSpan(0, data.Length - (cut == 0 ? data.Length / 3 : 0)), "damaged", limits);
                    return (long)image.Width * image.Height <= limits.MaxPixels;
                }
                catch (ImageInputException exception)
                {
                    return exception.InputName == "damaged";
                }
            }, iter: 3000, threads: 1);
    }

    [Fact]
    public void RandomBytesAreRefused() =>
        Gen.Byte.Array[1, 400].Sample(bytes => Assert.Throws<ImageInputException>(() => ImageDecoder.Decode(bytes, "random")), iter: 500);

    private static void AssertRefused(byte[] data, ImageInputError error, string messagePart)
    {
        var exception = Assert.Throws<ImageInputException>(() => ImageDecoder.Decode(data, "input.png"));
        Assert.Equal(error, exception.Error);
        Assert.Contains("'input.png'", exception.Message, StringComparison.Ordinal);
        Assert.Contains(messagePart, exception.Message, StringComparison.Ordinal);
    }

    // An RGB PNG whose header may promise more than its rows hold.
    private static byte[] Png(int width, int height, byte[] raw)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2);
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(raw);
        }

        return [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR", header), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", [])];
    }

    private static byte[] Chunk(string kind, byte[] body)
    {
        var chunk = new byte[body.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, body.Length);
        Encoding.ASCII.GetBytes(kind, chunk.AsSpan(4));
        body.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(body.Length + 8), Crc32(chunk.AsSpan(4, body.Length + 4)));
        return chunk;
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
            }
        }

        return ~crc;
    }
}
