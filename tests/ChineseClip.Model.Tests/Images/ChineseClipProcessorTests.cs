namespace ChineseClip.Model.Tests.Images;

public class ChineseClipProcessorTests
{
    private static readonly ChineseClipProcessor Processor = new(
        ChineseClipTokenizer.Load(Path.Combine(AppContext.BaseDirectory, "Golden", "tokenizer", "vocab.txt")),
        new ImageProcessor(ImageProcessorOptions.FromJson(File.ReadAllText(ImageGolden.PathOf("preprocessor_config.json")))));

    [Fact]
    public void Process_TextsAndPictures_GivesBothInOrder()
    {
        var pictures = new[] { ImageGolden.Decode("noise_37x53.png"), ImageGolden.Decode("grad_64x64.png") };
        var inputs = Processor.Process(["一", "一 ab"], pictures);

        Assert.Equal(Processor.Tokenizer.EncodeBatch(["一", "一 ab"]).InputIds, inputs.Text!.InputIds);
        Assert.Equal([2, 3, 64, 64], inputs.PixelShape);
        Assert.Equal([.. Processor.ImageProcessor.Process(pictures[0]), .. Processor.ImageProcessor.Process(pictures[1])], inputs.PixelValues!);
    }

    [Fact]
    public void Process_OptionsOfTheCall_ReplaceThoseOfTheFile()
    {
        var inputs = Processor.Process(
            null,
            [ImageGolden.Decode("noise_37x53.png")],
            imageOptions: new ImageProcessorOptions { Size = new ImageSize(8, 9), DoCenterCrop = false, ChannelOrder = ChannelOrder.Last });

        Assert.Null(inputs.Text);
        Assert.Equal([1, 8, 9, 3], inputs.PixelShape);
    }

    [Fact]
    public void Process_PicturesOfTwoSizes_NamesBoth()
    {
        var exception = Assert.Throws<ArgumentException>(() => Processor.Process(
            null,
            [ImageGolden.Decode("noise_37x53.png"), ImageGolden.Decode("grad_64x64.png")],
            imageOptions: new ImageProcessorOptions { DoResize = false, DoCenterCrop = false }));
        Assert.Contains("Image 1 is 64x64 after processing and image 0 is 37x53", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Processor.Process(null, null));
    }
}
