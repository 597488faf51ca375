using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ChineseClip.Model.Checkpoints;
using ChineseClip.Model.Tests.Checkpoints;

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

    /// <summary>The same numbers as OFA-Sys names and lays them out, with DistributedDataParallel's prefix.</summary>
    /// <param name="tensors">Tensors under the reference's names.</param>
    /// <param name="config">Their shapes.</param>
    /// <param name="isFlash">Whether both towers' queries, keys and values are stacked as FlashAttention's.</param>
    public static (TorchView[] Views, Dictionary<string, float[]> Storages) ToOfa(
        IReadOnlyDictionary<string, float[]> tensors, ChineseClipConfig config, bool isFlash)
    {
        IReadOnlyDictionary<string, int[]> shapes = TensorLayout.Expected(config);
        var views = new List<TorchView>();
        var storages = new Dictionary<string, float[]>(StringComparer.Ordinal);
        string vision = isFlash ? "attn.Wqkv." : "attn.in_proj_";
        foreach (string name in tensors.Keys)
        {
            string? other = name switch
            {
                "text_projection.weight" => "text_projection",
                "visual_projection.weight" => "visual.proj",
                "logit_scale" => "logit_scale",
                _ when name.Contains("self_attn.q_proj.", StringComparison.Ordinal) => name.Replace("self_attn.q_proj.", vision, StringComparison.Ordinal),
                _ when isFlash && name.Contains("self.query.", StringComparison.Ordinal) => name.Replace("self.query.", "self.Wqkv.", StringComparison.Ordinal),
                _ when name.Contains("_attn.k_proj", StringComparison.Ordinal) || name.Contains("_attn.v_proj", StringComparison.Ordinal) => null,
                _ when isFlash && (name.Contains("self.key.", StringComparison.Ordinal) || name.Contains("self.value.", StringComparison.Ordinal)) => null,
                _ when isFlash => name.Replace("attention.output.dense.", "attention.self.out_proj.", StringComparison.Ordinal),
                _ => name,
            };
            if (other is null)
            {
                continue;
            }

            int[] shape = shapes[name];
            bool isStacked = other.Contains("attn.", StringComparison.Ordinal) && other.Contains(vision, StringComparison.Ordinal) || other.Contains("Wqkv", StringComparison.Ordinal);
            float[] values = isStacked ? [.. tensors[name], .. tensors[Part(name, 1)], .. tensors[Part(name, 2)]] : tensors[name];
            shape = isStacked ? [3 * shape[0], .. shape.Skip(1)] : shape;
            string key = storages.Count.ToString(CultureInfo.InvariantCulture);
            storages.Add(key, values);
            int[] strides = [.. Enumerable.Range(0, shape.Length).Select(i => shape.Skip(i + 1).Aggregate(1, (a, b) => a * b))];
            bool isTransposed = other is "text_projection" or "visual.proj";
            views.Add(new TorchView("module." + OfaName(other), key, 0, isTransposed ? [.. shape.Reverse()] : shape, isTransposed ? [.. strides.Reverse()] : strides));
        }

        return ([.. views], storages);
    }

    private static string Part(string name, int part) => name
        .Replace(".q_proj.", part == 1 ? ".k_proj." : ".v_proj.", StringComparison.Ordinal)
        .Replace(".query.", part == 1 ? ".key." : ".value.", StringComparison.Ordinal);

    private static string OfaName(string name) => name
        .Replace("text_model.", "bert.", StringComparison.Ordinal)
        .Replace("vision_model.embeddings.class_embedding", "visual.class_embedding", StringComparison.Ordinal)
        .Replace("vision_model.embeddings.position_embedding.weight", "visual.positional_embedding", StringComparison.Ordinal)
        .Replace("vision_model.embeddings.patch_embedding", "visual.conv1", StringComparison.Ordinal)
        .Replace("vision_model.pre_layrnorm", "visual.ln_pre", StringComparison.Ordinal)
        .Replace("vision_model.post_layernorm", "visual.ln_post", StringComparison.Ordinal)
        .Replace("vision_model.encoder.layers.", "visual.transformer.resblocks.", StringComparison.Ordinal)
        .Replace("self_attn.out_proj", "attn.out_proj", StringComparison.Ordinal)
        .Replace("self_attn.", "", StringComparison.Ordinal)
        .Replace("layer_norm", "ln_", StringComparison.Ordinal)
        .Replace("mlp.fc1", "mlp.c_fc", StringComparison.Ordinal)
        .Replace("mlp.fc2", "mlp.c_proj", StringComparison.Ordinal);

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
