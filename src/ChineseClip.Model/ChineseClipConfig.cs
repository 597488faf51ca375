using System.Text.Json;
using ChineseClip.Model.Checkpoints;

namespace ChineseClip.Model;

/// <summary>The shape of a Chinese-CLIP model, as <c>config.json</c> gives it.</summary>
/// <remarks>Source: transformers 4.34, models/chinese_clip/configuration_chinese_clip.py; absent fields take its defaults.</remarks>
public sealed record ChineseClipConfig
{
    private const int MaxWidth = 1 << 16;

    public ChineseClipTextConfig TextConfig { get; init; } = new();
    public ChineseClipVisionConfig VisionConfig { get; init; } = new();

    /// <summary>Length of an embedding.</summary>
    public int ProjectionDimension { get; init; } = 512;

    /// <summary>Logarithm of the logit scale at the start of training; the trained one is a tensor of the checkpoint.</summary>
    public float LogitScaleInit { get; init; } = 2.6592f;

    /// <summary>Reads a <c>config.json</c>.</summary>
    /// <exception cref="ModelFormatException">The file is no JSON object, or a field is out of its range.</exception>
    public static ChineseClipConfig Load(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        return Parse(bytes, path);
    }

    internal static ChineseClipConfig Parse(ReadOnlyMemory<byte> json, string file)
    {
        using JsonDocument document = JsonSection.ParseDocument(json, file);
        var root = new JsonSection(file, "", document.RootElement);
        string modelType = root.Text("model_type", "chinese_clip");
        if (modelType != "chinese_clip")
        {
            throw new ModelFormatException(file, $"model_type is \"{modelType}\"; expected \"chinese_clip\"");
        }

        // The *_dict forms are the older spelling; where both stand, the reference lets them win.
        JsonSection text = root.Section("text_config_dict") ?? root.Section("text_config") ?? root.Empty("text_config");
        JsonSection vision = root.Section("vision_config_dict") ?? root.Section("vision_config") ?? root.Empty("vision_config");
        return new ChineseClipConfig
        {
            TextConfig = ReadText(text),
            VisionConfig = ReadVision(vision),
            ProjectionDimension = root.Int32("projection_dim", 512, 1, MaxWidth),
            LogitScaleInit = root.Single("logit_scale_init_value", 2.6592f, -100f, 100f),
        };
    }

    private static ChineseClipTextConfig ReadText(JsonSection section)
    {
        string positions = section.Text("position_embedding_type", "absolute");
        if (positions != "absolute")
        {
            throw section.Wrong("position_embedding_type", $"\"{positions}\"", "\"absolute\"");
        }

        var config = new ChineseClipTextConfig
        {
            VocabularySize = section.Int32("vocab_size", 30522, 1, 1 << 24),
            HiddenSize = section.Int32("hidden_size", 768, 1, MaxWidth),
            LayerCount = section.Int32("num_hidden_layers", 12, 1, 1024),
            HeadCount = section.Int32("num_attention_heads", 12, 1, MaxWidth),
            IntermediateSize = section.Int32("intermediate_size", 3072, 1, 1 << 20),
            Activation = ReadActivation(section, "gelu"),
            MaxPositions = section.Int32("max_position_embeddings", 512, 2, 1 << 20),
            TypeVocabularySize = section.Int32("type_vocab_size", 2, 1, MaxWidth),
            LayerNormEpsilon = section.Single("layer_norm_eps", 1e-12f, 0f, 1f),
            PadTokenId = section.Int32("pad_token_id", 0, 0, 1 << 24),
        };
        RequireWholeHeads(section, config.HiddenSize, config.HeadCount);
        return config.PadTokenId < config.VocabularySize
            ? config
            : throw section.Wrong("pad_token_id", $"{config.PadTokenId}", $"below vocab_size, which is {config.VocabularySize}");
    }

    private static ChineseClipVisionConfig ReadVision(JsonSection section)
    {
        var config = new ChineseClipVisionConfig
        {
            HiddenSize = section.Int32("hidden_size", 768, 1, MaxWidth),
            LayerCount = section.Int32("num_hidden_layers", 12, 1, 1024),
            HeadCount = section.Int32("num_attention_heads", 12, 1, MaxWidth),
            IntermediateSize = section.Int32("intermediate_size", 3072, 1, 1 << 20),
            ChannelCount = section.Int32("num_channels", 3, 3, 3),
            ImageSize = section.Int32("image_size", 224, 1, 4096),
            PatchSize = section.Int32("patch_size", 32, 1, 4096),
            Activation = ReadActivation(section, "quick_gelu"),
            LayerNormEpsilon = section.Single("layer_norm_eps", 1e-5f, 0f, 1f),
        };
        RequireWholeHeads(section, config.HiddenSize, config.HeadCount);
        if (config.PatchSize > config.ImageSize)
        {
            throw section.Wrong("patch_size", $"{config.PatchSize}", $"at most image_size, which is {config.ImageSize}");
        }

        return config;
    }

    private static Activation ReadActivation(JsonSection section, string defaultName)
    {
        string name = section.Text("hidden_act", defaultName);
        return name switch
        {
            "gelu" or "gelu_python" => Activation.Gelu,
            "quick_gelu" => Activation.QuickGelu,
            "gelu_new" or "gelu_pytorch_tanh" or "gelu_fast" or "gelu_accurate" => Activation.GeluTanh,
            "relu" => Activation.Relu,
            _ => throw section.Wrong(
                "hidden_act", $"\"{name}\"", "gelu, gelu_python, quick_gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, gelu_accurate or relu"),
        };
    }

    private static void RequireWholeHeads(JsonSection section, int hiddenSize, int headCount)
    {
        if (hiddenSize % headCount != 0)
        {
            throw section.Wrong("num_attention_heads", $"{headCount}", $"a divisor of hidden_size, which is {hiddenSize}");
        }
    }
}
