using ChineseClip.Model.Images;
using ChineseClip.Model.Images.Jpeg;
using CsCheck;
using SkiaSharp;

namespace ChineseClip.Model.Tests.Images;

/// <summary>The decoder of plain JPEG files gives libjpeg's bytes, or nothing. What Pillow makes of them is in <see cref="ImageGoldenTests"/>.</summary>
public class JpegPictureTests
{
    private static readonly string[] Plain =
    [
        "jpeg_subsampling0.jpg", "jpeg_subsampling1.jpg", "jpeg_subsampling2.jpg", "jpeg_gray.jpg", "jpeg_low_quality.jpg",
        "jpeg_profile.jpg", "jpeg_orientation6.jpg",
    ];

    public static bool IsSupported => JpegPicture.IsSupported;

    [Fact(Skip = "The processor has no AVX2.", SkipUnless = nameof(IsSupported))]
    public void TryDecode_PlainFiles_GivesSkiasBytes()
    {
        foreach (var file in Plain)
        {
            var data = File.ReadAllBytes(ImageGolden.VariantPath(file));
            Assert.Equal(BySkia(data).Pixels, Decode(data)!.Pixels);
        }
    }

    /// <summary>Made from the plain ones with jpegtran -restart, which moves no coefficient.</summary>
    [Theory(Skip = "The processor has no AVX2.", SkipUnless = nameof(IsSupported))]
    [InlineData("jpeg_restart.jpg", "jpeg_subsampling2.jpg")]
    [InlineData("jpeg_restart_rows.jpg", "jpeg_subsampling1.jpg")]
    public void TryDecode_WithRestarts_GivesTheSamePicture(string file, string without)
    {
        var data = File.ReadAllBytes(ImageGolden.VariantPath(file));

        Assert.True(data.AsSpan().IndexOf<byte>([0xFF, 0xD0]) > 0);
        Assert.Equal(Decode(File.ReadAllBytes(ImageGolden.VariantPath(without)))!.Pixels, Decode(data)!.Pixels);
    }

    [Theory]
    [InlineData("jpeg_progressive.jpg")]
    [InlineData("jpeg_cmyk.jpg")]
    public void TryDecode_OtherKinds_LeavesThemToSkia(string file) =>
        Assert.Null(Decode(File.ReadAllBytes(ImageGolden.VariantPath(file))));

    [Fact(Skip = "The processor has no AVX2.", SkipUnless = nameof(IsSupported))]
    public void PlainPicturesOfAnySizeSamplingAndQualityEqualSkias() =>
        Gen.Select(Gen.Int[1, 100], Gen.Int[1, 60], Gen.Int[5, 100], Gen.Enum<SKJpegEncoderDownsample>(), Gen.Int[0, 1 << 20])
            .Sample((width, height, quality, sampling, seed) =>
            {
                var data = Encode(width, height, quality, sampling, seed);
                var decoded = Decode(data);
                if (decoded is null)
                {
                    return width <= 4 && sampling != SKJpegEncoderDownsample.Downsample444;
                }

                return decoded.Pixels.AsSpan().SequenceEqual(BySkia(data).Pixels);
            }, iter: 400, threads: 1);

    [Fact(Skip = "The processor has no AVX2.", SkipUnless = nameof(IsSupported))]
    public void CutFilesAreLeftToSkia()
    {
        var data = Encode(40, 30, 90, SKJpegEncoderDownsample.Downsample420, seed: 1);
        for (var length = 0; length < data.Length; length++)
        {
            Assert.Null(JpegPicture.TryDecode(data.AsSpan(0, length), new ImageHeader("JPEG", 40, 30)));
        }
    }

    /// <summary>
    /// Damage makes blocks that no picture has. Where samples come out beyond four times their range, Pillow's libjpeg cuts them, as we
    /// do, and Skia's wraps them around; measured on 1,200 damaged files, 20 of 655 that both decode, all but 3 of them equal to Pillow's.
    /// </summary>
    [Fact(Skip = "The processor has no AVX2.", SkipUnless = nameof(IsSupported))]
    public void TryDecode_DamagedFiles_GivesSkiasBytesOrNothing()
    {
        var random = new Random(20);
        byte[][] files = [.. Plain.Append("jpeg_restart.jpg").Select(file => File.ReadAllBytes(ImageGolden.VariantPath(file)))];
        int equal = 0, different = 0, left = 0;
        for (var i = 0; i < 2000; i++)
        {
            var data = files[random.Next(files.Length)].ToArray();
            for (var places = random.Next(1, 4); places > 0; places--)
            {
                data[random.Next(data.Length)] = (byte)random.Next(256);
            }

            if (ImageHeader.TryRead(data, out var header) is not null || (long)header.Width * header.Height > 1_000_000
                || JpegPicture.TryDecode(data, header) is not { } decoded)
            {
                left++;
                continue;
            }

            // What we decode is never an error to Skia.
            if (BySkia(data).Pixels.AsSpan().SequenceEqual(decoded.Pixels))
            {
                equal++;
            }
            else
            {
                different++;
            }
        }

        Assert.True(equal > 500 && left > 500 && different * 10 < equal, $"{equal} equal, {different} different, {left} left to Skia");
    }

    private static RgbImage? Decode(byte[] data)
    {
        Assert.Null(ImageHeader.TryRead(data, out var header));
        return JpegPicture.TryDecode(data, header);
    }

    private static RgbImage BySkia(byte[] data)
    {
        Assert.Null(ImageHeader.TryRead(data, out var header));
        return SkiaPicture.Decode(data, header, "by Skia", ImageDecodeLimits.Default);
    }

    /// <summary>Waves with more or less noise over them.</summary>
    private static byte[] Encode(int width, int height, int quality, SKJpegEncoderDownsample sampling, int seed)
    {
        var random = new Random(seed);
        var noise = random.Next(3) * random.Next(128);
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        var pixels = bitmap.GetPixelSpan();
        for (var i = 0; i < pixels.Length; i++)
        {
            var wave = 100 * Math.Sin((i / 4 % width * (1 + (i % 4)) * 0.1) + (i / 4 / width * 0.07 * (seed % 7)));
            pixels[i] = (byte)Math.Clamp(128 + wave + (noise * (random.NextDouble() - 0.5)), 0, 255);
        }

        using var stream = new MemoryStream();
        using var pixmap = bitmap.PeekPixels();
        Assert.True(pixmap.Encode(stream, new SKJpegEncoderOptions(quality, sampling, SKJpegEncoderAlphaOption.Ignore)));
        return stream.ToArray();
    }
}
