using System.Text.Json;
using ChineseClip.Testing;

namespace ChineseClip.Model.Tests.Images;

public class ImageProcessorOptionsTests
{
    [Fact]
    public void FromJson_NothingSaid_IsReferenceDefault()
    {
        var options = ImageProcessorOptions.FromJson("{}");

        Assert.Equal(
            (true, 224, true, new ImageSize(224, 224), ResampleFilter.Bicubic),
            (options.DoResize, options.ShortestEdge, options.DoCenterCrop, options.CropSize, options.Resample));
        Assert.Null(options.Size);
        Assert.Equal(1 / 255.0, options.RescaleFactor);
    }

    [Fact]
    public void FromJson_PublishedModel_IsSquareWithoutCrop()
    {
        var options = ImageProcessorOptions.FromJson(File.ReadAllText(ImageGolden.PathOf("preprocessor_config.json")));

        Assert.Equal(new ImageSize(64, 64), options.Size);
        Assert.False(options.DoCenterCrop);
    }

    [Theory]
    [InlineData("""{"size": 50}""", null, null, 50)]
    [InlineData("""{"size": {"shortest_edge": 60}}""", null, null, 60)]
    [InlineData("""{"size": {"height": 30, "width": 40}}""", 30, 40, 224)]
    [InlineData("""{"size": [30, 40]}""", 30, 40, 224)]
    public void FromJson_EveryFormOfSize_IsRead(string json, int? height, int? width, int shortestEdge)
    {
        var options = ImageProcessorOptions.FromJson(json);

        Assert.Equal(height is null ? null : new ImageSize(height.Value, width!.Value), options.Size);
        Assert.Equal(shortestEdge, options.ShortestEdge);
    }

    [Theory]
    [InlineData("""{"size": "big"}""", "size is \"big\"")]
    [InlineData("""{"size": {"height": 0, "width": 3}}""", "must be 1..16384")]
    [InlineData("""{"crop_size": {"height": 3}}""", "crop_size")]
    [InlineData("""{"resample": 9}""", "Resample is 9; must be 0..5")]
    [InlineData("""{"do_resize": "yes"}""", "do_resize is \"yes\"")]
    [InlineData("""{"image_std": [0.5, 0, 0.5]}""", "other than 0")]
    [InlineData("""{"image_mean": [0.5, 0.5]}""", "must be 3 finite numbers")]
    [InlineData("""[1]""", "must be an object")]
    public void FromJson_WrongValue_NamesFieldValueAndBound(string json, string messagePart) =>
        Assert.Contains(messagePart, Assert.ThrowsAny<JsonException>(() => ImageProcessorOptions.FromJson(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Process_ChannelsLast_IsTransposeOfFirst()
    {
        var image = ImageGolden.Decode("noise_37x53.png");
        var options = new ImageProcessorOptions { Size = new ImageSize(8, 9), DoCenterCrop = false };
        var first = new ImageProcessor(options).Process(image);
        var last = new ImageProcessor(options with { ChannelOrder = ChannelOrder.Last }).Process(image);

        for (var i = 0; i < first.Length; i++)
        {
            Assert.Equal(first[i], last[(i % 72 * 3) + (i / 72)]);
        }
    }

    [Fact]
    public void Process_StepsSwitchedOff_GivesBytes()
    {
        var image = ImageGolden.Decode("noise_37x53.png");
        var values = new ImageProcessor(new ImageProcessorOptions
        {
            DoResize = false,
            DoCenterCrop = false,
            DoRescale = false,
            DoNormalize = false,
            ChannelOrder = ChannelOrder.Last,
        }).Process(image);

        Assert.Equal(image.Pixels.Select(value => (float)value), values);
    }

    [Fact]
    public void Normalize_WrongLength_NamesBoth()
    {
        var processor = new ImageProcessor(ImageProcessorOptions.Default);
        Assert.Contains("5 values for 6 bytes", Assert.Throws<ArgumentException>(() => processor.Normalize(new byte[6], new float[5])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(24)]
    [InlineData(2, 3, 4)]
    public void Npy_Written_ReadsBack(params int[] shape)
    {
        var values = Enumerable.Range(0, 24).Select(i => (i * 0.37f) - 3).ToArray();
        using var file = new MemoryStream();
        Npy.Write(file, values, shape);

        var array = NpyArray.Parse(file.ToArray(), "memory");
        Assert.Equal<int>(shape, array.Shape);
        Assert.Equal(values, array.AsSingle());
        Assert.Throws<ArgumentException>(() => Npy.Write(file, values, [5]));
    }
}
