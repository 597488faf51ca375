using ChineseClip.Model.Checkpoints;

namespace ChineseClip.Model.Tests.Inference;

/// <summary>Pictures of another size than the checkpoint's.</summary>
public sealed class PositionResizeTests : IDisposable
{
    private const string Positions = "vision_model.embeddings.position_embedding.weight";
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Resize_FourToSix_EqualsReference()
    {
        float[] resized = PositionResize.Resize(GoldenPositions(), 64, 4, 6);

        double[] expected = GoldenFiles.TinyOutputs["posresize.6x6"].AsDouble();
        Assert.Equal(expected.Length, resized.Length);
        Assert.True(expected.Zip(resized, (e, a) => Math.Abs(e - a)).Max() < 1e-6);
    }

    [Fact]
    public void Resize_ToItsOwnSize_ChangesNothing() =>
        Assert.Equal(GoldenPositions(), PositionResize.Resize(GoldenPositions(), 64, 4, 4));

    [Theory]
    [InlineData(6)]
    [InlineData(2)]
    [InlineData(1)]
    public void Resize_AnySize_KeepsClassTokenAndFirstCorner(int to)
    {
        float[] positions = GoldenPositions();

        float[] resized = PositionResize.Resize(positions, 64, 4, to);

        Assert.Equal(((to * to) + 1) * 64, resized.Length);
        Assert.Equal(positions[..128], resized[..128]);
    }

    [Fact]
    public void Convert_OtherImageSize_GivesPackageOfTheFullModelsEmbeddings()
    {
        string output = _directory["package"];
        ModelConverter.Convert(
            GoldenFiles.TinyHf, output, new ConversionOptions { ImageSize = 96 }, ct: TestContext.Current.CancellationToken);
        byte[] pixels = new byte[150 * 120 * 3];
        new Random(3).NextBytes(pixels);
        using var served = ChineseClipModel.Load(output);
        using var full = ChineseClipFullModel.Load(GoldenFiles.TinyHf, imageSize: 96);
        ImageProcessor processor = served.Package.ImageProcessor;

        float[] embedding = served.GetImageFeatures([new RgbImage(150, 120, pixels)])[0];
        TowerOutput expected = full.Vision.Forward(processor.Process(new RgbImage(150, 120, pixels)));

        Assert.Equal(96, served.Package.Manifest.ImageSize);
        Assert.Equal([1, 37, 64], expected.LastHiddenState.Shape);
        Assert.True(embedding.Zip(expected.Embeddings.Values, (a, b) => Math.Abs(a - b)).Max() < 1e-5);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(4097)]
    public void Load_ImageSizeOutOfRange_NamesIt(int size)
    {
        var error = Assert.Throws<ArgumentException>(() => VisionModel.Load(GoldenFiles.TinyHf, imageSize: size));

        Assert.Contains($"is {size}; this model takes 16..4096", error.Message, StringComparison.Ordinal);
    }

    private static float[] GoldenPositions()
    {
        using Checkpoint checkpoint = SafetensorsReader.Open(Path.Combine(GoldenFiles.TinyHf, "model.safetensors"));
        return checkpoint.Tensors[Positions].ToArray();
    }
}
