using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using ChineseClip.Model;

namespace ChineseClip.Testing;

/// <summary>A whole checkpoint folder of pseudo-random weights, equal to the bit on every machine and in every language.</summary>
/// <remarks>
/// Element i of the tensor NAME: FNV-1a-64 over "SEED:NAME" plus (i + 1) times the golden ratio goes through SplitMix64; the
/// upper 24 bits make a number in [-1, 1), times the tensor's amplitude, plus its centre, in float64, rounded to float32.
/// Amplitudes keep activations near 1, so that a wrong step shows. Cost: one tensor in memory at a time.
/// </remarks>
public static class GeneratedCheckpoint
{
    private const int MinVocabulary = 103;

    /// <summary>The published ViT-B/16: 188 million weights, 753 MB.</summary>
    public static ChineseClipConfig VitB16 { get; } = new()
    {
        TextConfig = new ChineseClipTextConfig { VocabularySize = 21128 },
        VisionConfig = new ChineseClipVisionConfig { PatchSize = 16 },
    };

    /// <summary>Writes config.json, vocab.txt, preprocessor_config.json and model.safetensors.</summary>
    /// <param name="directory">Made where it is absent.</param>
    /// <param name="config">Towers of transformer layers, of any shape.</param>
    /// <param name="seed">Another seed gives other weights.</param>
    /// <param name="logitScale">Logarithm of what cosines are multiplied by.</param>
    public static void Write(string directory, ChineseClipConfig config, string seed, float logitScale)
    {
        ArgumentNullException.ThrowIfNull(config);
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, "config.json"), ConfigJson(config));
        File.WriteAllText(Path.Combine(directory, "vocab.txt"), Vocabulary(config.TextConfig.VocabularySize));
        WriteWeights(Path.Combine(directory, "model.safetensors"), config, seed, logitScale);
    }

    /// <summary>Writes the weights alone.</summary>
    /// <param name="path">A file that is made or replaced.</param>
    /// <param name="config">Towers of transformer layers, of any shape.</param>
    /// <param name="seed">Another seed gives other weights.</param>
    /// <param name="logitScale">Logarithm of what cosines are multiplied by.</param>
    public static void WriteWeights(string path, ChineseClipConfig config, string seed, float logitScale)
    {
        (string Name, int[] Shape)[] tensors = [.. Shapes(config).OrderBy(t => t.Name, StringComparer.Ordinal)];
        using FileStream file = File.Create(path);
        byte[] header = Header(tensors);
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        file.Write(prefix);
        file.Write(header);
        foreach ((string name, int[] shape) in tensors)
        {
            float[] values = name == "logit_scale" ? [logitScale] : Tensor(name, shape, seed);
            file.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }
    }

    /// <summary>One tensor, row-major.</summary>
    public static float[] Tensor(string name, IReadOnlyList<int> shape, string seed)
    {
        (double centre, double amplitude) = Scale(name, shape);
        ulong hash = 0xcbf29ce484222325;
        foreach (byte b in Encoding.UTF8.GetBytes($"{seed}:{name}"))
        {
            hash = (hash ^ b) * 0x100000001b3;
        }

        float[] values = new float[shape.Aggregate(1, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++)
        {
            ulong z = hash + ((ulong)(i + 1) * 0x9E3779B97F4A7C15);
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            z ^= z >> 31;
            double unit = (2 * ((z >> 40) * Math.ScaleB(1, -24))) - 1;
            values[i] = (float)(centre + (unit * amplitude));
        }

        return values;
    }

    private static (double Centre, double Amplitude) Scale(string name, IReadOnlyList<int> shape)
    {
        bool Ends(params string[] ends) => ends.Any(end => name.EndsWith(end, StringComparison.Ordinal));
        double perInput = Math.Sqrt(3.0 / shape.Skip(1).Aggregate(1, (a, b) => a * b));
        return Ends("LayerNorm.weight", "layer_norm1.weight", "layer_norm2.weight", "layrnorm.weight", "layernorm.weight") ? (1, 0.2)
            : Ends(".bias") ? (0, 0.1)
            : Ends("word_embeddings.weight") ? (0, 0.8)
            : Ends("position_embeddings.weight", "position_embedding.weight") ? (0, 0.35)
            : Ends("token_type_embeddings.weight") ? (0, 0.2)
            : Ends("class_embedding") ? (0, 0.5)
            : Ends("self.query.weight", "self.key.weight", "self_attn.q_proj.weight", "self_attn.k_proj.weight") ? (0, 1.5 * perInput)
            : (0, perInput);
    }

    private static byte[] Header((string Name, int[] Shape)[] tensors)
    {
        var header = new Dictionary<string, object>(StringComparer.Ordinal) { ["__metadata__"] = new { format = "pt" } };
        long offset = 0;
        foreach ((string name, int[] shape) in tensors)
        {
            long end = offset + (4L * shape.Aggregate(1, (a, b) => a * b));
            header.Add(name, new { dtype = "F32", shape, data_offsets = new[] { offset, end } });
            offset = end;
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        return [.. json, .. Enumerable.Repeat((byte)' ', (8 - (json.Length % 8)) % 8)];
    }

    private static List<(string Name, int[] Shape)> Shapes(ChineseClipConfig config)
    {
        ChineseClipTextConfig text = config.TextConfig;
        ChineseClipVisionConfig vision = config.VisionConfig;
        var shapes = new List<(string, int[])>();
        void Norm(string name, int width) => shapes.AddRange([(name + ".weight", [width]), (name + ".bias", [width])]);
        void Linear(string name, int outputs, int inputs) =>
            shapes.AddRange([(name + ".weight", [outputs, inputs]), (name + ".bias", [outputs])]);

        const string TextEmbeddings = "text_model.embeddings.";
        int hidden = text.HiddenSize;
        shapes.Add((TextEmbeddings + "word_embeddings.weight", [text.VocabularySize, hidden]));
        shapes.Add((TextEmbeddings + "position_embeddings.weight", [text.MaxPositions, hidden]));
        shapes.Add((TextEmbeddings + "token_type_embeddings.weight", [text.TypeVocabularySize, hidden]));
        Norm(TextEmbeddings + "LayerNorm", hidden);
        for (int layer = 0; layer < text.LayerCount; layer++)
        {
            string name = $"text_model.encoder.layer.{layer}.";
            Array.ForEach(["query", "key", "value"], part => Linear($"{name}attention.self.{part}", hidden, hidden));
            Linear(name + "attention.output.dense", hidden, hidden);
            Norm(name + "attention.output.LayerNorm", hidden);
            Linear(name + "intermediate.dense", text.IntermediateSize, hidden);
            Linear(name + "output.dense", hidden, text.IntermediateSize);
            Norm(name + "output.LayerNorm", hidden);
        }

        const string VisionEmbeddings = "vision_model.embeddings.";
        hidden = vision.HiddenSize;
        shapes.Add((VisionEmbeddings + "class_embedding", [hidden]));
        shapes.Add((VisionEmbeddings + "patch_embedding.weight", [hidden, vision.ChannelCount, vision.PatchSize, vision.PatchSize]));
        shapes.Add((VisionEmbeddings + "position_embedding.weight", [(vision.GridSize * vision.GridSize) + 1, hidden]));
        Norm("vision_model.pre_layrnorm", hidden);
        for (int layer = 0; layer < vision.LayerCount; layer++)
        {
            string name = $"vision_model.encoder.layers.{layer}.";
            Array.ForEach(["q_proj", "k_proj", "v_proj", "out_proj"], part => Linear($"{name}self_attn.{part}", hidden, hidden));
            Norm(name + "layer_norm1", hidden);
            Linear(name + "mlp.fc1", vision.IntermediateSize, hidden);
            Linear(name + "mlp.fc2", hidden, vision.IntermediateSize);
            Norm(name + "layer_norm2", hidden);
        }

        Norm("vision_model.post_layernorm", hidden);
        shapes.Add(("visual_projection.weight", [config.ProjectionDimension, hidden]));
        shapes.Add(("text_projection.weight", [config.ProjectionDimension, text.HiddenSize]));
        shapes.Add(("logit_scale", []));
        return shapes;
    }

    private static string ConfigJson(ChineseClipConfig config)
    {
        ChineseClipTextConfig t = config.TextConfig;
        ChineseClipVisionConfig v = config.VisionConfig;
        return JsonSerializer.Serialize(new
        {
            model_type = "chinese_clip",
            projection_dim = config.ProjectionDimension,
            text_config = new
            {
                vocab_size = t.VocabularySize,
                hidden_size = t.HiddenSize,
                num_hidden_layers = t.LayerCount,
                num_attention_heads = t.HeadCount,
                intermediate_size = t.IntermediateSize,
                hidden_act = Name(t.Activation),
                max_position_embeddings = t.MaxPositions,
                type_vocab_size = t.TypeVocabularySize,
            },
            vision_config = new
            {
                hidden_size = v.HiddenSize,
                num_hidden_layers = v.LayerCount,
                num_attention_heads = v.HeadCount,
                intermediate_size = v.IntermediateSize,
                hidden_act = Name(v.Activation),
                image_size = v.ImageSize,
                patch_size = v.PatchSize,
            },
        });
    }

    private static string Name(Activation activation) => activation switch
    {
        Activation.Gelu => "gelu",
        Activation.QuickGelu => "quick_gelu",
        Activation.GeluTanh => "gelu_new",
        _ => "relu",
    };

    /// <summary>The special tokens where BERT's Chinese vocabulary has them, then one Han character each.</summary>
    private static string Vocabulary(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, MinVocabulary);
        var tokens = new StringBuilder("[PAD]\n");
        for (int i = 1; i < 100; i++)
        {
            tokens.Append(CultureInfo.InvariantCulture, $"[unused{i}]\n");
        }

        tokens.Append("[UNK]\n[CLS]\n[SEP]\n");
        for (int i = MinVocabulary; i < size; i++)
        {
            tokens.Append((char)(0x4E00 + i - MinVocabulary)).Append('\n');
        }

        return tokens.ToString();
    }
}
