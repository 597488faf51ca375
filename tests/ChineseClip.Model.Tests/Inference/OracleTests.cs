using ChineseClip.Model.Checkpoints;
using ChineseClip.Model.Inference;
using ChineseClip.Testing;

namespace ChineseClip.Model.Tests.Inference;

/// <summary>Models of other shapes and activations than the golden one, against the plain float64 towers.</summary>
public sealed class OracleTests : IDisposable
{
    private const double Tolerance = 1e-6;
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void PlainTowers_GoldenModel_EqualReference()
    {
        ChineseClipConfig config = ChineseClipConfig.Load(Path.Combine(GoldenFiles.TinyHf, "config.json"));
        using Checkpoint checkpoint = SafetensorsReader.Open(Path.Combine(GoldenFiles.TinyHf, "model.safetensors"));
        var towers = new PlainTowers(config, checkpoint.Tensors.ToDictionary(t => t.Key, t => t.Value.ToArray()));
        double[] texts = GoldenFiles.TinyOutputs["f64.text_embeds"].AsDouble();
        double[] images = GoldenFiles.TinyOutputs["f64.image_embeds"].AsDouble();
        float[] pixels = GoldenFiles.TinyOutputs["pixel_values"].AsSingle();

        AssertClose(texts[(3 * 32)..(4 * 32)], [.. towers.EncodeText([7, 136, 6, 169, 6, 222, 175, 8]).Select(x => (float)x)]);
        AssertClose(images[32..64], [.. towers.EncodeImage(pixels.AsSpan(12288, 12288)).Select(x => (float)x)]);
    }

    [Theory]
    [InlineData(24, 2, 1, "gelu_new", 40, 5, 2, "gelu", 50, 16)]
    [InlineData(40, 5, 2, "relu", 36, 3, 1, "gelu_new", 32, 8)]
    [InlineData(64, 1, 4, "quick_gelu", 48, 4, 3, "relu", 28, 14)]
    public void Encode_OtherShapes_EqualPlainTowers(
        int textWidth, int textHeads, int textLayers, string textActivation,
        int visionWidth, int visionHeads, int visionLayers, string visionActivation, int imageSize, int patchSize)
    {
        var shape = new ChineseClipConfig
        {
            ProjectionDimension = 20,
            TextConfig = new ChineseClipTextConfig
            {
                VocabularySize = 384,
                HiddenSize = textWidth,
                HeadCount = textHeads,
                LayerCount = textLayers,
                IntermediateSize = 3 * textWidth,
                MaxPositions = 40,
            },
            VisionConfig = new ChineseClipVisionConfig
            {
                HiddenSize = visionWidth,
                HeadCount = visionHeads,
                LayerCount = visionLayers,
                IntermediateSize = 2 * visionWidth,
                ImageSize = imageSize,
                PatchSize = patchSize,
            },
        };
        string source = _directory["source"];
        Directory.CreateDirectory(source);
        File.Copy(Path.Combine(GoldenFiles.TinyHf, "vocab.txt"), Path.Combine(source, "vocab.txt"));
        Dictionary<string, float[]> weights =
            RandomWeights.Write(source, shape, RandomWeights.Json(shape, textActivation, visionActivation));
        ModelConverter.Convert(source, _directory["package"], ct: TestContext.Current.CancellationToken);
        ModelPackage package = ModelPackage.Open(_directory["package"]);
        var towers = new PlainTowers(package.Manifest.Config, weights);

        using ITextEncoder texts = package.CreateTextEncoder();
        int[][] ids = [[7, 8], [7, 20, 300, 41, 8], [7, .. Enumerable.Range(30, 38), 8]];
        AssertClose([.. ids.SelectMany(towers.EncodeText)], texts.Encode(ids));

        using var images = (ImageEncoder)package.CreateImageEncoder();
        var random = new Random(5);
        float[] pixels = [.. Enumerable.Range(0, 2 * 3 * imageSize * imageSize).Select(_ => (random.NextSingle() * 4) - 2)];
        float[] rows = new float[2 * 20];
        images.EncodeBatch(pixels, 2, rows);
        int one = pixels.Length / 2;
        AssertClose([.. towers.EncodeImage(pixels.AsSpan(0, one)), .. towers.EncodeImage(pixels.AsSpan(one))], rows);
    }

    /// <summary>Depth, heads, patches and activations of the published models; only narrower.</summary>
    [Theory]
    [InlineData("ViT-B/16", 12, 12, 4, 16, 224, Activation.QuickGelu, 12, 12)]
    [InlineData("ViT-L/14", 24, 16, 4, 14, 224, Activation.QuickGelu, 12, 12)]
    [InlineData("ViT-L/14-336", 24, 16, 4, 14, 336, Activation.QuickGelu, 12, 12)]
    [InlineData("ViT-H/14", 32, 16, 5, 14, 224, Activation.Gelu, 24, 16)]
    public void Encode_PublishedStructureNarrower_EqualsPlainTowers(
        string name, int layers, int heads, int headSize, int patchSize, int imageSize, Activation activation, int textLayers, int textHeads)
    {
        var shape = new ChineseClipConfig
        {
            ProjectionDimension = 48,
            TextConfig = new ChineseClipTextConfig
            {
                VocabularySize = 400,
                HiddenSize = 4 * textHeads,
                HeadCount = textHeads,
                LayerCount = textLayers,
                IntermediateSize = 16 * textHeads,
            },
            VisionConfig = new ChineseClipVisionConfig
            {
                HiddenSize = headSize * heads,
                HeadCount = heads,
                LayerCount = layers,
                IntermediateSize = 4 * headSize * heads,
                ImageSize = imageSize,
                PatchSize = patchSize,
                Activation = activation,
            },
        };
        GeneratedCheckpoint.Write(_directory["source"], shape, name, 4.6f);
        ModelConverter.Convert(_directory["source"], _directory["package"], ct: TestContext.Current.CancellationToken);
        ModelPackage package = ModelPackage.Open(_directory["package"]);
        Assert.Equal(shape, package.Manifest.Config with { LogitScaleInit = shape.LogitScaleInit });
        using Checkpoint checkpoint = SafetensorsReader.Open(_directory["source/model.safetensors"]);
        var towers = new PlainTowers(shape, checkpoint.Tensors.ToDictionary(t => t.Key, t => t.Value.ToArray()));

        using ITextEncoder texts = package.CreateTextEncoder();
        int[][] ids = [[101, 102], [101, .. Enumerable.Range(110, 14), 102], [101, .. Enumerable.Range(200, 50), 102]];
        AssertClose([.. ids.SelectMany(towers.EncodeText)], texts.Encode(ids));

        using var images = (ImageEncoder)package.CreateImageEncoder();
        float[] pixels = [.. Enumerable.Range(0, 3 * imageSize * imageSize).Select(i => 2 * MathF.Sin(i * 0.013f))];
        float[] row = new float[48];
        images.EncodeBatch(pixels, 1, row);
        AssertClose(towers.EncodeImage(pixels), row);
    }

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max();
        Assert.True(largest <= Tolerance, $"largest difference is {largest:E2}; at most {Tolerance:E2} allowed");
    }
}
