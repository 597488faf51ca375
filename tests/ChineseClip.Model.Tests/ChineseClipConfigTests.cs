using System.Text;

namespace ChineseClip.Model.Tests;

public sealed class ChineseClipConfigTests
{
    [Fact]
    public void Load_TinyModel_ReadsEveryField()
    {
        ChineseClipConfig config = ChineseClipConfig.Load(Path.Combine(GoldenFiles.TinyHf, "config.json"));

        Assert.Equal(
            new ChineseClipTextConfig
            {
                VocabularySize = 384,
                HiddenSize = 64,
                LayerCount = 3,
                HeadCount = 4,
                IntermediateSize = 128,
                MaxPositions = 64,
            },
            config.TextConfig);
        Assert.Equal(
            new ChineseClipVisionConfig
            {
                HiddenSize = 64,
                LayerCount = 3,
                HeadCount = 4,
                IntermediateSize = 256,
                ImageSize = 64,
                PatchSize = 16,
            },
            config.VisionConfig);
        Assert.Equal(32, config.ProjectionDimension);
    }

    [Fact]
    public void Parse_NothingGiven_TakesReferenceDefaults()
    {
        Assert.Equal(new ChineseClipConfig(), Parse("""{"text_config":null,"text_config_dict":null,"torch_dtype":"float32"}"""));
    }

    /// <summary>Source: transformers 4.34, ChineseCLIPConfig.__init__: the *_dict form wins whole, with defaults for what it does not say.</summary>
    [Fact]
    public void Parse_BothSpellings_TakesTheOlderOneWhole()
    {
        ChineseClipConfig config = Parse(
            """{"text_config":{"hidden_size":96,"num_attention_heads":4},"text_config_dict":{},"vision_config":{"patch_size":14},"vision_config_dict":null}""");

        Assert.Equal(new ChineseClipTextConfig(), config.TextConfig);
        Assert.Equal(14, config.VisionConfig.PatchSize);
    }

    [Theory]
    [InlineData("gelu_python", Activation.Gelu)]
    [InlineData("gelu_accurate", Activation.GeluTanh)]
    [InlineData("gelu", Activation.Gelu)]
    [InlineData("quick_gelu", Activation.QuickGelu)]
    [InlineData("gelu_new", Activation.GeluTanh)]
    [InlineData("relu", Activation.Relu)]
    public void Parse_KnownActivation_TakesIt(string name, Activation expected)
    {
        Assert.Equal(expected, Parse($$$"""{"text_config":{"hidden_act":"{{{name}}}"}}""").TextConfig.Activation);
    }

    [Theory]
    [InlineData("""{"vision_config":{"hidden_act":"swish"}}""", "vision_config.hidden_act is \"swish\"")]
    [InlineData("""{"text_config":{"hidden_size":"big"}}""", "text_config.hidden_size is \"big\"; expected a whole number 1..65536")]
    [InlineData("""{"text_config":{"num_attention_heads":7}}""", "text_config.num_attention_heads is 7; expected a divisor")]
    [InlineData("""{"text_config":{"position_embedding_type":"relative_key"}}""", "relative_key")]
    [InlineData("""{"vision_config":{"patch_size":500}}""", "vision_config.patch_size is 500")]
    [InlineData("""{"vision_config":[]}""", "vision_config is []; expected an object")]
    [InlineData("""{"text_config":{"vocab_size":100,"pad_token_id":100}}""", "text_config.pad_token_id is 100; expected below vocab_size, which is 100")]
    [InlineData("""{"projection_dim":0}""", "projection_dim is 0")]
    [InlineData("""{"logit_scale_init_value":1e999}""", "logit_scale_init_value is 1e999")]
    [InlineData("""{"model_type":"clip"}""", "model_type is \"clip\"")]
    [InlineData("nonsense", "malformed")]
    public void Parse_WrongField_NamesFieldValueAndBound(string json, string named)
    {
        var error = Assert.Throws<ModelFormatException>(() => Parse(json));

        Assert.StartsWith("config.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    private static ChineseClipConfig Parse(string json) => ChineseClipConfig.Parse(Encoding.UTF8.GetBytes(json), "config.json");
}
