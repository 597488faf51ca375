using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ChineseClip.Model.Checkpoints;

namespace ChineseClip.Model.Tests.Inference;

/// <summary>Pseudo-random weights for a model of any shape, equal on every machine.</summary>
/// <remarks>
/// FNV-1a over "seed:name", then SplitMix64; 24 bits make a number in [-1, 1), times the tensor's amplitude, plus its centre.
/// Amplitudes keep activations near 1, so that a wrong step shows.
/// </remarks>
internal static class RandomWeights
{
    /// <summary>Writes config.json and model.safetensors, and returns the tensors.</summary>
    public static Dictionary<string, float[]> Write(string directory, ChineseClipConfig config, string configJson)
    {
        IReadOnlyDictionary<string, int[]> shapes = TensorLayout.Expected(config);
        var tensors = shapes.ToDictionary(s => s.Key, s => Make(s.Key, s.Value), StringComparer.Ordinal);
        var header = new Dictionary<string, object>(StringComparer.Ordinal);
        int offset = 0;
        foreach ((string name, float[] values) in tensors)
        {
            int end = offset + (4 * values.Length);
            header.Add(name, new { dtype = "F32", shape = shapes[name], data_offsets = new[] { offset, end } });
            offset = end;
        }

        byte[] data = new byte[offset];
        int position = 0;
        foreach (float value in tensors.Values.SelectMany(v => v))
        {
            BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(position), value);
            position += 4;
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        byte[] prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, json.Length);
        File.WriteAllBytes(Path.Combine(directory, "model.safetensors"), [.. prefix, .. json, .. data]);
        File.WriteAllText(Path.Combine(directory, "config.json"), configJson);
        return tensors;
    }

    private static float[] Make(string name, int[] shape)
    {
        if (name == "logit_scale")
        {
            return [2.6592f];
        }

        (double centre, double amplitude) = Scale(name, shape);
        ulong hash = 0xcbf29ce484222325;
        foreach (byte b in Encoding.UTF8.GetBytes("oracle:" + name))
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
            values[i] = (float)(centre + (((2 * ((z >> 40) * Math.ScaleB(1, -24))) - 1) * amplitude));
        }

        return values;
    }

    private static (double Centre, double Amplitude) Scale(string name, int[] shape)
    {
        bool isNorm = name.Contains("norm", StringComparison.OrdinalIgnoreCase) || name.Contains("layrnorm", StringComparison.Ordinal);
        if (name.EndsWith(".bias", StringComparison.Ordinal))
        {
            return (0, 0.1);
        }

        if (name.EndsWith(".running_mean", StringComparison.Ordinal))
        {
            return (0, 0.2);
        }

        if (name.EndsWith(".running_var", StringComparison.Ordinal))
        {
            return (2, 0.5);
        }

        // Weights of one dimension are a normalization's, under whatever name.
        isNorm |= shape.Length == 1 && !name.Contains("embedding", StringComparison.Ordinal);
        return isNorm ? (1, 0.2)
            : name.Contains("embeddings.", StringComparison.Ordinal) && shape.Length <= 2 ? (0, 0.5)
            : (0, 1.5 * Math.Sqrt(3.0 / shape.Skip(1).Aggregate(1, (a, b) => a * b)));
    }

    /// <summary>The config.json of a configuration.</summary>
    public static string Json(ChineseClipConfig config, string textActivation, string visionActivation)
    {
        ChineseClipTextConfig t = config.TextConfig;
        ChineseClipVisionConfig v = config.VisionConfig;
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            {"projection_dim":{{config.ProjectionDimension}},
             "text_config":{"vocab_size":{{t.VocabularySize}},"hidden_size":{{t.HiddenSize}},"num_hidden_layers":{{t.LayerCount}},
               "num_attention_heads":{{t.HeadCount}},"intermediate_size":{{t.IntermediateSize}},"hidden_act":"{{textActivation}}",
               "max_position_embeddings":{{t.MaxPositions}},"type_vocab_size":{{t.TypeVocabularySize}}},
             "vision_config":{"hidden_size":{{v.HiddenSize}},"num_hidden_layers":{{v.LayerCount}},"num_attention_heads":{{v.HeadCount}},
               "intermediate_size":{{v.IntermediateSize}},"image_size":{{v.ImageSize}},"patch_size":{{v.PatchSize}},"hidden_act":"{{visionActivation}}"}
            }
            """);
    }
}
