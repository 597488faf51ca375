using ChineseClip.Model.Inference;

namespace ChineseClip.Model.Tests.Inference;

/// <summary>ResNet vision towers against a plain float64 evaluation, at reduced width.</summary>
public sealed class ResNetTests : IDisposable
{
    private const double Tolerance = 1e-6;
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(4, 64, 1, 2, 1, 1)]
    [InlineData(8, 96, 2, 1, 3, 2)]
    [InlineData(8, 224, 3, 4, 6, 3)]
    public void Encode_ReducedWidth_EqualsPlainResNet(int width, int imageSize, params int[] stages)
    {
        ChineseClipConfig shape = Shape(width, imageSize, stages);
        Dictionary<string, float[]> weights = Write(shape);

        ModelManifest manifest =
            ModelConverter.Convert(_directory["source"], _directory["package"], ct: TestContext.Current.CancellationToken);

        string name = stages is [3, 4, 6, 3] ? "RN50" : $"RN-{string.Join('-', stages)}@{imageSize}";
        Assert.Equal($"{name} + BERT-1x24", manifest.Architecture);
        Assert.Equal(imageSize, manifest.ImageSize);
        ModelPackage package = ModelPackage.Open(_directory["package"]);
        Assert.Equal(stages, package.Manifest.Config.VisionConfig.ResNetLayers);
        using var images = (ImageEncoder)package.CreateImageEncoder();
        var random = new Random(5);
        int one = 3 * imageSize * imageSize;
        // Noise and waves: a ResNet's means make all noise look alike.
        float[] pixels =
        [
            .. Enumerable.Range(0, one).Select(_ => (random.NextSingle() * 4) - 2),
            .. Enumerable.Range(0, one).Select(i => 2 * MathF.Sin(i * 0.013f)),
        ];
        float[] rows = new float[2 * 20];
        images.EncodeBatch(pixels, 2, rows);
        var plain = new PlainResNet(shape.VisionConfig, weights);
        double[] expected = [.. plain.Encode(pixels.AsSpan(0, one)), .. plain.Encode(pixels.AsSpan(one))];
        double largest = expected.Zip(rows, (e, a) => Math.Abs(e - a)).Max();
        Assert.True(largest <= Tolerance, $"largest difference is {largest:E2}; at most {Tolerance:E2} allowed");
        Assert.True(expected[..20].Zip(expected[20..], (a, b) => Math.Abs(a - b)).Max() > 1e-3, "both pictures look alike");

        using ITextEncoder texts = package.CreateTextEncoder();
        double[] text = new PlainTowers(package.Manifest.Config, weights).EncodeText([7, 20, 8]);
        Assert.True(text.Zip(texts.Encode([[7, 20, 8]]), (e, a) => Math.Abs(e - a)).Max() <= Tolerance);
    }

    [Theory]
    [InlineData(ModelPrecision.Fp16, 0.9999)]
    [InlineData(ModelPrecision.Int8, 0.995)]
    public void Encode_SmallerPrecision_StaysNear(ModelPrecision precision, double leastCosine)
    {
        ChineseClipConfig shape = Shape(8, 64, [1, 2, 1, 1]);
        Dictionary<string, float[]> weights = Write(shape);
        ModelConverter.Convert(_directory["source"], _directory["package"], precision, ct: TestContext.Current.CancellationToken);
        using var images = (ImageEncoder)ModelPackage.Open(_directory["package"]).CreateImageEncoder();
        float[] pixels = [.. Enumerable.Range(0, 3 * 64 * 64).Select(i => 2 * MathF.Sin(i * 0.013f))];
        float[] row = new float[20];

        images.EncodeBatch(pixels, 1, row);

        double cosine = new PlainResNet(shape.VisionConfig, weights).Encode(pixels).Zip(row, (e, a) => e * a).Sum();
        Assert.InRange(cosine, leastCosine, 1.000001);
    }

    [Fact]
    public void Convert_WithoutConfig_DeducesTheShape()
    {
        ChineseClipConfig shape = Shape(4, 64, [1, 1, 1, 1]);
        Write(shape with { TextConfig = shape.TextConfig with { HiddenSize = 768, LayerCount = 3, HeadCount = 12 } });
        File.Delete(Path.Combine(_directory["source"], "config.json"));

        ModelManifest manifest =
            ModelConverter.Convert(_directory["source"], _directory["package"], ct: TestContext.Current.CancellationToken);

        Assert.Equal("RN-1-1-1-1@64 + BERT-3x768", manifest.Architecture);
        Assert.Equal(20, manifest.Dimension);
    }

    [Fact]
    public void FullModel_ResNet_ShowsEveryStageAndThePool()
    {
        ChineseClipConfig shape = Shape(4, 96, [1, 2, 1, 1]);
        var plain = new PlainResNet(shape.VisionConfig, Write(shape));
        float[] pixels = [.. Enumerable.Range(0, 2 * 3 * 96 * 96).Select(i => 2 * MathF.Sin(i * i * 0.0013f))];
        using var model = ChineseClipFullModel.Load(_directory["source"]);

        ChineseClipOutput output = model.Forward(
            new TextModelInput { Count = 2, InputIds = [7, 20, 8, 7, 21, 8] }, pixels, TowerDetails.HiddenStates | TowerDetails.Attentions);

        TowerOutput vision = output.Vision;
        Assert.NotNull(output.Loss);
        Assert.Equal([2, 4, 24, 24], vision.HiddenStates[0].Shape);
        Assert.Equal([2, 16, 24, 24], vision.HiddenStates[1].Shape);
        Assert.Equal([2, 128, 3, 3], vision.HiddenStates[4].Shape);
        Assert.Equal([2, 128, 3, 3], vision.LastHiddenState.Shape);
        Assert.Equal([2, 128], vision.PoolerOutput!.Shape);
        Assert.Equal([2, 2, 1, 10], Assert.Single(vision.Attentions).Shape);
        for (int picture = 0; picture < 2; picture++)
        {
            double[] embedding = plain.Encode(pixels.AsSpan(picture * 3 * 96 * 96, 3 * 96 * 96));
            Compare("embedding", embedding, vision.Embeddings);
            for (int stage = 0; stage < plain.Maps.Count; stage++)
            {
                Compare($"hidden state {stage}", plain.Maps[stage], vision.HiddenStates[stage]);
            }

            Compare("last hidden state", plain.Maps[^1], vision.LastHiddenState);
            Compare("attention", [.. plain.Shares.SelectMany(s => s)], vision.Attentions[0]);
            Compare("pooler output", plain.Attended, vision.PoolerOutput);

            void Compare(string what, double[] expected, FloatTensor actual)
            {
                float[] part = actual.Values[(picture * expected.Length)..((picture + 1) * expected.Length)];
                double bound = 1e-6 * Math.Max(1, expected.Max(Math.Abs)) * 4;
                double largest = expected.Zip(part, (e, a) => Math.Abs(e - a)).Max();
                Assert.True(largest <= bound, $"{what} of picture {picture}: largest difference is {largest:E2}; at most {bound:E2} allowed");
            }
        }
    }

    [Fact]
    public void Convert_ResNetToAnotherPictureSize_NamesThePositions()
    {
        Write(Shape(4, 64, [1, 1, 1, 1]));

        var error = Assert.Throws<ModelFormatException>(() => ModelConverter.Convert(
            _directory["source"], _directory["package"], new ConversionOptions { ImageSize = 96 }, ct: TestContext.Current.CancellationToken));

        Assert.Contains("ResNet", error.Message, StringComparison.Ordinal);
        Assert.Contains("64", error.Message, StringComparison.Ordinal);
        Assert.Contains("96", error.Message, StringComparison.Ordinal);
    }

    private Dictionary<string, float[]> Write(ChineseClipConfig shape)
    {
        string source = _directory["source"];
        Directory.CreateDirectory(source);
        File.Copy(Path.Combine(GoldenFiles.TinyHf, "vocab.txt"), Path.Combine(source, "vocab.txt"));
        return RandomWeights.Write(source, shape, RandomWeights.Json(shape, "gelu", "relu"));
    }

    private static ChineseClipConfig Shape(int width, int imageSize, int[] stages) => new()
    {
        ProjectionDimension = 20,
        TextConfig = new ChineseClipTextConfig
        {
            VocabularySize = 384,
            HiddenSize = 24,
            HeadCount = 2,
            LayerCount = 1,
            IntermediateSize = 48,
            MaxPositions = 40,
        },
        VisionConfig = new ChineseClipVisionConfig
        {
            ResNetLayers = stages,
            HiddenSize = 32 * width,
            HeadCount = width / 2,
            LayerCount = 4,
            IntermediateSize = 32 * width,
            ImageSize = imageSize,
            PatchSize = 32,
        },
    };
}
