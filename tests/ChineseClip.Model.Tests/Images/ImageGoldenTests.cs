using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ChineseClip.Testing;

namespace ChineseClip.Model.Tests.Images;

/// <summary>Bytes equal to Pillow's and pixel values equal to HF's, for every picture.</summary>
public class ImageGoldenTests
{
    private static readonly ImageProcessorOptions Square64 =
        ImageProcessorOptions.FromJson(File.ReadAllText(ImageGolden.PathOf("preprocessor_config.json")));

    private static readonly ImageProcessorOptions Short50Crop45 = new()
    {
        ShortestEdge = 50,
        CropSize = new ImageSize(45, 45),
        ImageMean = [0.5, 0.45, 0.4],
        ImageStd = [0.25, 0.3, 0.35],
    };

    public static TheoryData<string> Files => ImageGolden.Files;

    public static TheoryData<string> Variants => [.. ImageGolden.Variants.Select(picture => picture.File)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Decode_AnyFormat_EqualsPillow(string file)
    {
        var expected = ImageGolden.Find(file);

        ImageGolden.AssertEqual(expected.Rgb, ImageGolden.Decode(file));
        Assert.True(ImageDecoder.TryReadSize(ImageGolden.Read(file), out var width, out var height, out var format));
        Assert.Equal((expected.Rgb.Width, expected.Rgb.Height, expected.Format), (width, height, format.ToUpperInvariant()));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Decode_WithExifOrientation_EqualsPillowTransposed(string file)
    {
        var expected = ImageGolden.Find(file);
        var turned = ImageDecoder.Decode(ImageGolden.Read(file), file, new ImageDecodeLimits { ApplyExifOrientation = true });

        ImageGolden.AssertEqual(expected.RgbExif ?? expected.Rgb, turned);
    }

    /// <summary>Digests of Pillow 9.4.0: Image.open, draft("RGB", wanted), convert("RGB").</summary>
    [Theory]
    [InlineData("jpeg_q90_320x240.jpg", 100, 80, 160, 120, "3a52a24f8ab29b99")]
    [InlineData("jpeg_q90_320x240.jpg", 50, 40, 80, 60, "5a8821d20576636e")]
    [InlineData("jpeg_q90_320x240.jpg", 20, 15, 40, 30, "fa97a325c125a978")]
    [InlineData("jpeg_q90_320x240.jpg", 300, 200, 320, 240, "e1bcf351b64ae1e3")]
    [InlineData("jpeg_444_q95_200x150.jpg", 50, 40, 100, 75, "df624bb27ae9e9c3")]
    [InlineData("jpeg_444_q95_200x150.jpg", 20, 15, 25, 19, "613667bcadd2a148")]
    [InlineData("jpeg_gray_150x150.jpg", 20, 15, 38, 38, "53b0e3e327e5b2ea")]
    public void Decode_Scaled_EqualsPillowsDraft(string file, int wantedWidth, int wantedHeight, int width, int height, string sha256)
    {
        var limits = new ImageDecodeLimits { ScaledDecodingFor = new ImageSize(wantedHeight, wantedWidth) };

        var image = ImageDecoder.Decode(ImageGolden.Read(file), file, limits);

        Assert.Equal((width, height), (image.Width, image.Height));
        Assert.StartsWith(sha256, Convert.ToHexStringLower(SHA256.HashData(image.Pixels)), StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_ScaledOtherFormat_IsWhole()
    {
        var image = ImageDecoder.Decode(
            ImageGolden.Read("shapes_640x427.png"), "shapes", new ImageDecodeLimits { ScaledDecodingFor = new ImageSize(10, 10) });

        ImageGolden.AssertEqual(ImageGolden.Find("shapes_640x427.png").Rgb, image);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Resize_AnyFilter_EqualsPillow(string file)
    {
        var image = ImageGolden.Decode(file);
        foreach (var (name, expected) in ImageGolden.Find(file).Resized)
        {
            if (Enum.TryParse<ResampleFilter>(name.Split('_')[0], ignoreCase: true, out var filter))
            {
                ImageGolden.AssertEqual(expected, PillowResampler.Resize(image, expected.Width, expected.Height, filter));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Decode_VariantOfFormat_EqualsPillow(string file)
    {
        var data = File.ReadAllBytes(ImageGolden.VariantPath(file));
        var expected = ImageGolden.Variants.Single(picture => picture.File == file);
        var image = ImageDecoder.Decode(data, file);

        ImageGolden.AssertEqual(expected.Rgb, image);
        ImageGolden.AssertEqual(
            expected.RgbExif ?? expected.Rgb, ImageDecoder.Decode(data, file, new ImageDecodeLimits { ApplyExifOrientation = true }));
        foreach (var (name, resized) in expected.Resized)
        {
            if (Enum.TryParse<ResampleFilter>(name.Split('_')[0], ignoreCase: true, out var filter))
            {
                ImageGolden.AssertEqual(resized, PillowResampler.Resize(image, resized.Width, resized.Height, filter));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Process_SquareOrCropped_EqualsHuggingFace(string file)
    {
        var image = ImageGolden.Decode(file);
        var expected = ImageGolden.Find(file);
        var square = new ImageProcessor(Square64);
        var cropped = new ImageProcessor(Short50Crop45);

        ImageGolden.AssertEqual(expected.Resized["short50_crop45"], cropped.Resize(image));
        AssertEqual(expected.PixelValues["short50_crop45"], cropped, image);
        AssertEqual(expected.PixelValues["64x64"], square, image);
        Assert.Equal((64, 64, 45, 45), (square.OutputWidth, square.OutputHeight, cropped.OutputWidth, cropped.OutputHeight));
        if (expected.PixelValues.TryGetValue("crop64", out var crop))
        {
            AssertEqual(crop, new ImageProcessor(new() { DoResize = false, CropSize = new ImageSize(64, 64) }), image);
        }
    }

    [Fact]
    public void Normalize_EveryByte_EqualsTables()
    {
        var tables = NpzFile.Open(ImageGolden.PathOf("pixel_lut.npz"));
        foreach (var (name, options) in new[] { ("clip_hf", Square64), ("clip_torchvision", Square64), ("tinyb_hf", Short50Crop45) })
        {
            var rgb = Enumerable.Range(0, 256).SelectMany(value => new[] { (byte)value, (byte)value, (byte)value }).ToArray();
            var values = new float[rgb.Length];
            new ImageProcessor(options).Normalize(rgb, values);
            Assert.Equal(tables[name].AsSingle(), values);
        }
    }

    private static void AssertEqual(ImageGolden.ArrayDigest expected, ImageProcessor processor, RgbImage image)
    {
        var resized = processor.Resize(image);
        Assert.Equal<int>(expected.Shape, new[] { 3, resized.Height, resized.Width });
        Assert.Equal(expected.Sha256, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(processor.Process(image).AsSpan()))));
    }
}
