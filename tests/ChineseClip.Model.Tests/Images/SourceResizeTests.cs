using ChineseClip.Model.Images;

namespace ChineseClip.Model.Tests.Images;

/// <summary>Pictures resized as their files hold them, as cn_clip does.</summary>
public sealed class SourceResizeTests
{
    public static TheoryData<string> Files => [.. ImageGolden.Pictures.Select(picture => picture.File)];

    public static TheoryData<string> Variants => [.. ImageGolden.Variants.Select(picture => picture.File)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Resize_AsTheFileHoldsIt_EqualsOfaSys(string file)
    {
        ImageGolden.Picture expected = ImageGolden.Find(file);
        SourceImage image = ImageDecoder.DecodeSource(ImageGolden.Read(file), file);

        foreach (int side in new[] { 64, 224 })
        {
            // Where there is no result of its own, the reference found both ways equal.
            ImageGolden.Digest digest = expected.Resized.GetValueOrDefault($"ofa_{side}x{side}") ?? expected.Resized[$"bicubic_{side}x{side}"];
            ImageGolden.AssertEqual(digest, Square(side).Resize(image));
        }

        ImageGolden.AssertEqual(expected.Rgb, image.Rgb);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void DecodeSource_VariantOfFormat_KnowsPillowsMode(string file)
    {
        ImageGolden.Picture expected = ImageGolden.Variants.Single(picture => picture.File == file);

        SourceImage image = ImageDecoder.DecodeSource(File.ReadAllBytes(ImageGolden.VariantPath(file)), file);

        SourceMode mode = expected.Mode switch
        {
            "P" or "1" => SourceMode.Indexed,
            "RGBA" or "LA" => SourceMode.Transparent,
            "I" => SourceMode.Integers,
            "CMYK" => SourceMode.Inks,
            _ => SourceMode.Colour,
        };
        Assert.Equal(mode, image.Mode);
        Assert.Equal(mode is SourceMode.Transparent or SourceMode.Integers or SourceMode.Inks, image.Second is not null);
        Assert.Equal(mode is SourceMode.Inks, image.Black is not null);
        ImageGolden.AssertEqual(expected.Rgb, image.Rgb);
        foreach ((int width, int height) in new[] { (16, 16), (50, 60) })
        {
            var processor = new ImageProcessor(new() { Size = new ImageSize(height, width), DoCenterCrop = false });
            ImageGolden.AssertEqual(expected.Resized[$"ofa_{width}x{height}"], processor.Resize(image));
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void DecodeSource_CutOrChangedFile_GivesPictureOrTypedError(string file)
    {
        byte[] whole = File.ReadAllBytes(ImageGolden.VariantPath(file));
        var random = new Random(11);
        for (int i = 0; i < 40; i++)
        {
            byte[] data = whole[..(i < 20 ? whole.Length : random.Next(whole.Length))];
            for (int change = 0; change < 3 && data.Length > 0; change++)
            {
                data[random.Next(Math.Min(data.Length, 100))] = (byte)random.Next(256);
            }

            try
            {
                SourceImage image = ImageDecoder.DecodeSource(data, file, new ImageDecodeLimits { MaxPixels = 100_000 });
                Assert.Equal((16, 16), (Square(16).Resize(image).Width, Square(16).Resize(image).Height));
            }
            catch (ImageInputException error)
            {
                Assert.Contains(file, error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("rgba_90x70.png")]
    [InlineData("gray16_64x48.png")]
    [InlineData("palette_120x90.png")]
    public void Resize_WithCrop_IsTheMiddleOfTheWhole(string file)
    {
        SourceImage image = ImageDecoder.DecodeSource(ImageGolden.Read(file), file);
        var cropping = new ImageProcessor(new() { Size = new ImageSize(100, 80), CropSize = new ImageSize(40, 30) });
        var whole = new ImageProcessor(new() { Size = new ImageSize(100, 80), DoCenterCrop = false });

        RgbImage cropped = cropping.Resize(image);
        RgbImage full = whole.Resize(image);

        Assert.Equal((30, 40), (cropped.Width, cropped.Height));
        for (int y = 0; y < 40; y++)
        {
            Assert.Equal(full.Row(30 + y).Slice(25 * 3, 30 * 3).ToArray(), cropped.Row(y).ToArray());
        }
    }

    private static ImageProcessor Square(int side) => new(new() { Size = new ImageSize(side, side), DoCenterCrop = false });
}
