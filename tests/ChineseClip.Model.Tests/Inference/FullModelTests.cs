using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChineseClip.Testing;

namespace ChineseClip.Model.Tests.Inference;

/// <summary>Every output and every input of the whole model against the reference's, straight from checkpoints.</summary>
public sealed class FullModelTests : IDisposable
{
    private const double Tolerance = 1e-5;
    private const int PictureLength = 3 * 64 * 64;
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("pytorch_model.bin")]
    [InlineData("clip_cn_tiny.pt")]
    public void Forward_EightPairs_EqualsReferenceInEveryOutput(string weightFile)
    {
        using var model = Load(weightFile);

        ChineseClipOutput output = model.Forward(SmallTexts(), SmallPixels(), TowerDetails.HiddenStates | TowerDetails.Attentions);

        AssertGolden("small.logits_per_image", [.. output.Logits.LogitsPerImage.SelectMany(r => r)], 5e-5);
        AssertGolden("small.loss", [output.Loss!.Value], 1e-5);
        AssertGolden("small.text_embeds", output.TextEmbeds, Tolerance);
        AssertGolden("small.image_embeds", output.ImageEmbeds, Tolerance);
        AssertGolden("small.text.last_hidden_state", output.Text.LastHiddenState, 2e-5);
        AssertGolden("small.vision.last_hidden_state", output.Vision.LastHiddenState, 2e-5);
        AssertGolden("small.vision.pooler_output", output.Vision.PoolerOutput!, 2e-5);
        AssertGolden("small.text.hidden_states", output.Text.HiddenStates, 4, 2e-5);
        AssertGolden("small.vision.hidden_states", output.Vision.HiddenStates, 4, 2e-5);
        AssertGolden("small.text.attentions", output.Text.Attentions, 3, Tolerance);
        AssertGolden("small.vision.attentions", output.Vision.Attentions, 3, Tolerance);
        Assert.Null(output.Text.PoolerOutput);
    }

    [Fact]
    public void GetFeatures_AllTextsAndPictures_EqualReferenceWithoutNormalization()
    {
        using var model = Load();

        FloatTensor texts = model.GetTextFeatures(new TextModelInput
        {
            Count = 40,
            InputIds = Golden("input_ids"),
            AttentionMask = Golden("attention_mask"),
            TokenTypeIds = Golden("token_type_ids"),
        });
        FloatTensor images = model.GetImageFeatures(GoldenFiles.TinyOutputs["pixel_values"].AsSingle());

        AssertGolden("text_features", texts, 2e-5);
        AssertGolden("image_features", images, 2e-5);
        AssertGolden("ofa.text_features", texts, 2e-5);
        AssertGolden("ofa.image_features", images, 2e-5);
    }

    [Fact]
    public void GetTextFeatures_OtherCallForms_EqualReference()
    {
        using var model = Load();
        TextModelInput texts = SmallTexts();

        AssertGolden("nomask.text_features", model.GetTextFeatures(texts with { AttentionMask = null }), 2e-5);
        AssertGolden(
            "types.text_features", model.GetTextFeatures(texts with { TokenTypeIds = Golden("types.token_type_ids") }), 2e-5);
        AssertGolden(
            "positions.text_features", model.GetTextFeatures(texts with { PositionIds = Golden("types.position_ids") }), 2e-5);
    }

    [Fact]
    public void TextModel_CheckpointWithPooler_GivesPoolerOutput()
    {
        using var model = TextModel.Load(WriteWithPooler(poolerWidth: 64));

        TowerOutput output = model.Forward(SmallTexts());

        Assert.True(model.HasPooler);
        AssertGolden("pooler.text.pooler_output", output.PoolerOutput!, Tolerance);
        Assert.Empty(output.HiddenStates);
        Assert.Empty(output.Attentions);
    }

    [Fact]
    public void TextModel_PoolerMisshapen_NamesTensorAndShapes()
    {
        var error = Assert.Throws<ModelFormatException>(() => TextModel.Load(WriteWithPooler(poolerWidth: 32)));

        Assert.Contains("text_model.pooler.dense.weight is [32, 128], expected [64, 64]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TextModel_PoolerWithoutItsBias_NamesTheMissingTensor()
    {
        var error = Assert.Throws<ModelFormatException>(() => TextModel.Load(WriteWithPooler(poolerWidth: 64, withBias: false)));

        Assert.Contains("Missing (1): text_model.pooler.dense.bias", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forward_ThreeTextsTwoPictures_HasNoLoss()
    {
        using var model = Load();
        TextModelInput texts = SmallTexts() with
        {
            Count = 3,
            InputIds = Golden("small.input_ids")[..24],
            AttentionMask = Golden("small.attention_mask")[..24],
        };

        ChineseClipOutput output = model.Forward(texts, SmallPixels()[..(2 * PictureLength)]);

        Assert.Null(output.Loss);
        Assert.Equal(2, output.Logits.LogitsPerImage.Length);
        Assert.Equal(3, output.Logits.LogitsPerText.Length);
    }

    [Fact]
    public void Forward_InputsOutOfRange_NamesThemAndTheirBounds()
    {
        using var text = TextModel.Load(GoldenFiles.TinyHf);
        var good = new TextModelInput { Count = 1, InputIds = [7, 8] };

        AssertRefused(good with { InputIds = [7, 384] }, "InputIds[1] is 384; expected 0..383");
        AssertRefused(good with { AttentionMask = [1] }, "AttentionMask has 1 numbers; expected 2");
        AssertRefused(good with { TokenTypeIds = [0, 2] }, "TokenTypeIds[1] is 2; expected 0..1");
        AssertRefused(good with { PositionIds = [-1, 0] }, "PositionIds[0] is -1; expected 0..");
        AssertRefused(good with { Count = 3 }, "2 ids for 3 texts");
        AssertRefused(good with { Count = 0 }, "2 ids for 0 texts");
        AssertRefused(new TextModelInput { Count = 1, InputIds = [] }, "0 tokens");

        void AssertRefused(TextModelInput input, string part) =>
            Assert.Contains(part, Assert.Throws<ArgumentException>(() => text.Forward(input)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void VisionModel_HalfAPicture_IsRefused()
    {
        using var vision = VisionModel.Load(GoldenFiles.TinyHf);

        var error = Assert.Throws<ArgumentException>(() => vision.Forward(new float[PictureLength / 2]));

        Assert.Contains("6144 pixel values; expected 12288", error.Message, StringComparison.Ordinal);
    }

    private static ChineseClipFullModel Load(string weightFile = "model.safetensors") =>
        ChineseClipFullModel.Load(Path.Combine(GoldenFiles.TinyHf, weightFile));

    private static TextModelInput SmallTexts() =>
        new() { Count = 8, InputIds = Golden("small.input_ids"), AttentionMask = Golden("small.attention_mask") };

    private static float[] SmallPixels() => GoldenFiles.TinyOutputs["pixel_values"].AsSingle()[..(8 * PictureLength)];

    private static int[] Golden(string name) => [.. GoldenFiles.TinyOutputs[name].AsInt64().Select(x => (int)x)];

    private static void AssertGolden(string name, IReadOnlyList<FloatTensor> actual, int count, double tolerance)
    {
        Assert.Equal(count, actual.Count);
        for (int i = 0; i < count; i++)
        {
            AssertGolden($"{name}.{i}", actual[i], tolerance);
        }
    }

    private static void AssertGolden(string name, FloatTensor actual, double tolerance)
    {
        Assert.Equal(GoldenFiles.TinyOutputs[name].Shape, actual.Shape);
        AssertGolden(name, actual.Values, tolerance);
    }

    private static void AssertGolden(string name, float[] actual, double tolerance)
    {
        double[] expected = GoldenFiles.TinyOutputs[name].AsDouble();
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max();
        TestContext.Current.TestOutputHelper!.WriteLine($"{name}: largest difference {largest:E2}");
        Assert.True(largest <= tolerance, $"{name}: largest difference is {largest:E2}; at most {tolerance:E2} allowed");
    }

    /// <summary>The golden checkpoint with the pooler's two tensors added, under a width that may be wrong.</summary>
    private string WriteWithPooler(int poolerWidth, bool withBias = true)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(GoldenFiles.TinyHf, "model.safetensors"));
        int headerLength = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        var header = (JsonObject)JsonNode.Parse(Encoding.UTF8.GetString(file, 8, headerLength))!;
        var data = new List<byte>(file[(8 + headerLength)..]);
        Append("weight", [poolerWidth, 64 * 64 / poolerWidth]);
        if (withBias)
        {
            Append("bias", [64]);
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, json.Length);
        string folder = _directory["pooler"];
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "model.safetensors"), [.. prefix, .. json, .. data]);
        Array.ForEach(["config.json", "vocab.txt"], name => File.Copy(Path.Combine(GoldenFiles.TinyHf, name), Path.Combine(folder, name)));
        return folder;

        void Append(string part, int[] shape)
        {
            NpyArray tensor = GoldenFiles.TinyOutputs["pooler.dense." + part];
            int start = data.Count;
            data.AddRange(tensor.AsSingle().SelectMany(BitConverter.GetBytes));
            header["text_model.pooler.dense." + part] = new JsonObject
            {
                ["dtype"] = "F32",
                ["shape"] = new JsonArray([.. shape.Select(extent => (JsonNode)extent)]),
                ["data_offsets"] = new JsonArray(start, data.Count),
            };
        }
    }
}
