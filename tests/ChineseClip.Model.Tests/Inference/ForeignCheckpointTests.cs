using ChineseClip.Model.Tests.Checkpoints;

namespace ChineseClip.Model.Tests.Inference;

/// <summary>A model of another shape in every form that it may be published in, against the plain float64 towers.</summary>
public sealed class ForeignCheckpointTests : IDisposable
{
    private const double Tolerance = 2e-6;
    private static readonly int[] Ids = [7, 20, 300, 41, 9, 120, 8];

    private static readonly ChineseClipConfig Shape = new()
    {
        ProjectionDimension = 20,
        TextConfig = new ChineseClipTextConfig
        {
            VocabularySize = 384,
            HiddenSize = 36,
            HeadCount = 3,
            LayerCount = 2,
            IntermediateSize = 50,
            MaxPositions = 33,
            TypeVocabularySize = 3,
            LayerNormEpsilon = 1e-3f,
        },
        VisionConfig = new ChineseClipVisionConfig
        {
            HiddenSize = 40,
            HeadCount = 5,
            LayerCount = 2,
            IntermediateSize = 44,
            ImageSize = 40,
            PatchSize = 12,
            Activation = Activation.Gelu,
            LayerNormEpsilon = 1e-4f,
        },
    };

    /// <summary>In the older spelling, beside sections that it overrules.</summary>
    private const string Config =
        """
        {"model_type":"chinese_clip","architectures":["ChineseCLIPModel"],"projection_dim":20,"logit_scale_init_value":1.5,"torch_dtype":"float16",
         "text_config":{"hidden_size":1024,"num_attention_heads":16},"vision_config":null,
         "text_config_dict":{"vocab_size":384,"hidden_size":36,"num_hidden_layers":2,"num_attention_heads":3,"intermediate_size":50,"hidden_act":"gelu",
           "max_position_embeddings":33,"type_vocab_size":3,"layer_norm_eps":1e-3,"pad_token_id":5,"position_embedding_type":"absolute","use_cache":true,
           "hidden_dropout_prob":0.1,"projection_dim":77},
         "vision_config_dict":{"hidden_size":40,"num_hidden_layers":2,"num_attention_heads":5,"intermediate_size":44,"image_size":40,"patch_size":12,
           "hidden_act":"gelu","layer_norm_eps":1e-4,"num_channels":3,"attention_dropout":0.0,"projection_dim":78}}
        """;

    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<string, float[]> _weights;

    public ForeignCheckpointTests()
    {
        _weights = RandomWeights.Write(_directory.Path, Shape, Config);
        File.Copy(Path.Combine(GoldenFiles.TinyHf, "vocab.txt"), _directory["vocab.txt"]);
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("safetensors")]
    [InlineData("safetensors of another name")]
    [InlineData("OFA-Sys training checkpoint")]
    [InlineData("OFA-Sys with FlashAttention")]
    [InlineData("OFA-Sys in torch's older format")]
    public void EveryForm_EqualsPlainTowers(string form)
    {
        string source = Write(form);
        var towers = new PlainTowers(Shape, _weights);

        using ChineseClipFullModel full = ChineseClipFullModel.Load(source);
        ModelConverter.Convert(source, _directory["package"], ct: TestContext.Current.CancellationToken);
        using ChineseClipModel package = ChineseClipModel.Load(_directory["package"]);

        float[] pixels = Pixels();
        double[] text = Unit(towers.ProjectText(Ids));
        double[] image = towers.EncodeImage(pixels);
        AssertClose(text, full.Text.Forward(new TextModelInput { Count = 1, InputIds = Ids }).Embeddings.Values);
        AssertClose(image, full.Vision.Forward(pixels).Embeddings.Values);
        AssertClose(image, package.GetImageFeatures(pixels)[0]);
        using ITextEncoder encoder = package.Package.CreateTextEncoder();
        AssertClose(text, encoder.Encode([Ids, [7, 8]])[..20]);
        Assert.Equal(5, package.Package.Manifest.Config.TextConfig.PadTokenId);
    }

    [Fact]
    public void TypesPositionsAndMasks_EqualPlainTowers()
    {
        using TextModel model = TextModel.Load(_directory.Path);
        var towers = new PlainTowers(Shape, _weights);
        int[] types = [0, 2, 1, 1, 0, 2, 0];
        int[] positions = [4, 32, 0, 1, 1, 7, 30];
        int[] others = [7, 11, 12, 13, 8, 0, 0];
        int n = Ids.Length;
        var random = new Random(4);
        int[] looks = [.. Enumerable.Range(0, 2 * n * n).Select(i => i % (n + 1) == 0 || random.Next(2) == 0 ? 1 : 0)];

        AssertClose(towers.ProjectText(Ids, types, positions), Project(new TextModelInput { Count = 1, InputIds = Ids, TokenTypeIds = types, PositionIds = positions }));
        AssertClose(
            [.. towers.ProjectText(Ids), .. towers.ProjectText(others, looks: (_, to) => to < 5)],
            Project(new TextModelInput { Count = 2, InputIds = [.. Ids, .. others], AttentionMask = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0] }));
        AssertClose(
            [.. towers.ProjectText(Ids, looks: (from, to) => looks[(from * n) + to] == 1), .. towers.ProjectText(others, looks: (from, to) => looks[((n + from) * n) + to] == 1)],
            Project(new TextModelInput { Count = 2, InputIds = [.. Ids, .. others], AttentionMask = looks }));

        float[] Project(TextModelInput input) => model.Forward(input).Features.Values;
    }

    [Fact]
    public void ConvertWithOtherPictureSize_ResizesPositionsAsTheFullModel()
    {
        ModelConverter.Convert(
            _directory.Path, _directory["package"], new ConversionOptions { ImageSize = 60 }, ct: TestContext.Current.CancellationToken);
        using ChineseClipModel package = ChineseClipModel.Load(_directory["package"]);
        using VisionModel full = VisionModel.Load(_directory.Path, imageSize: 60);
        float[] pixels = new float[3 * 60 * 60];
        Array.Fill(pixels, 0.5f);

        Assert.Equal(60, package.Package.Manifest.ImageSize);
        Assert.Equal((60, 60), (package.Package.ImageProcessor.OutputWidth, package.Package.ImageProcessor.OutputHeight));
        AssertClose([.. full.Forward(pixels).Embeddings.Values.Select(x => (double)x)], package.GetImageFeatures(pixels)[0]);
    }

    [Fact]
    public void OfaFileAlone_TakesVocabularyAndConfigFromElsewhere()
    {
        string source = Write("OFA-Sys training checkpoint");
        string elsewhere = Directory.CreateDirectory(_directory["elsewhere"]).FullName;
        string alone = Path.Combine(Directory.CreateDirectory(_directory["alone"]).FullName, "clip_cn.pt");
        File.Move(source, alone);
        Array.ForEach(["vocab.txt", "config.json"], name => File.Move(_directory[name], Path.Combine(elsewhere, name)));

        var refused = Assert.Throws<ModelFormatException>(() => ModelConverter.Convert(
            alone, _directory["package"], new ConversionOptions { ConfigPath = Path.Combine(elsewhere, "config.json") }, ct: TestContext.Current.CancellationToken));
        ModelManifest manifest = ModelConverter.Convert(
            alone,
            _directory["package"],
            new ConversionOptions { ConfigPath = Path.Combine(elsewhere, "config.json"), VocabularyPath = Path.Combine(elsewhere, "vocab.txt") },
            ct: TestContext.Current.CancellationToken);

        Assert.Contains("holds no vocab.txt", refused.Message, StringComparison.Ordinal);
        Assert.Equal(("clip_cn.pt", 20), (manifest.Source, manifest.Dimension));
    }

    private string Write(string form)
    {
        string weights = _directory["model.safetensors"];
        if (form == "safetensors")
        {
            return _directory.Path;
        }

        string path = _directory[form.StartsWith("OFA", StringComparison.Ordinal) ? "clip_cn.pt" : "weights.data"];
        (TorchView[] views, Dictionary<string, float[]> storages) = RandomWeights.ToOfa(_weights, Shape, form.EndsWith("FlashAttention", StringComparison.Ordinal));
        File.WriteAllBytes(path, form switch
        {
            "OFA-Sys training checkpoint" => TorchBytes.Zip(views, storages, isTraining: true),
            "OFA-Sys with FlashAttention" => TorchBytes.Zip(views, storages),
            "OFA-Sys in torch's older format" => TorchBytes.Legacy(views, storages),
            _ => File.ReadAllBytes(weights),
        });
        File.Delete(weights);
        return path;
    }

    private static float[] Pixels()
    {
        var random = new Random(5);
        return [.. Enumerable.Range(0, 3 * 40 * 40).Select(_ => (random.NextSingle() * 4) - 2)];
    }

    private static double[] Unit(double[] x) => [.. x.Select(v => v / Math.Sqrt(x.Sum(w => w * w)))];

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Zip(actual, (e, a) => Math.Abs(e - a) / Math.Max(1, Math.Abs(e))).Max();
        Assert.True(largest <= Tolerance, $"largest difference is {largest:E2}; at most {Tolerance:E2} allowed");
    }
}
