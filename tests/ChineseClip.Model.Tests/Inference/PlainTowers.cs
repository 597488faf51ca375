using System.Numerics.Tensors;

namespace ChineseClip.Model.Tests.Inference;

/// <summary>Both towers in float64, written as the formulas read: the oracle for shapes that no golden file has.</summary>
/// <remarks>Every layer is computed for every token; nothing is folded, fused or skipped.</remarks>
internal sealed class PlainTowers(ChineseClipConfig config, IReadOnlyDictionary<string, float[]> weights)
{
    private readonly Dictionary<string, double[]> _doubles = new(StringComparer.Ordinal);

    /// <summary>Unit embedding of one text without padding.</summary>
    public double[] EncodeText(int[] ids) => Unit(ProjectText(ids));

    /// <summary>Projection of one text.</summary>
    /// <param name="ids">Its tokens.</param>
    /// <param name="types">Type of each; null: 0.</param>
    /// <param name="positions">Position of each; null: in order.</param>
    /// <param name="looks">Whether the first token looks at the second; null: always.</param>
    public double[] ProjectText(int[] ids, int[]? types = null, int[]? positions = null, Func<int, int, bool>? looks = null)
    {
        ChineseClipTextConfig text = config.TextConfig;
        int hidden = text.HiddenSize;
        const string Embeddings = "text_model.embeddings.";
        double[][] x = [.. ids.Select((id, position) => Add(
            Add(Row(Embeddings + "word_embeddings.weight", id, hidden), Row(Embeddings + "token_type_embeddings.weight", types?[position] ?? 0, hidden)),
            Row(Embeddings + "position_embeddings.weight", positions?[position] ?? position, hidden)))];
        x = Norm(x, Embeddings + "LayerNorm", text.LayerNormEpsilon);
        for (int layer = 0; layer < text.LayerCount; layer++)
        {
            string name = $"text_model.encoder.layer.{layer}.";
            string self = name + "attention.self.";
            double[][] attended = Attend(
                Linear(x, self + "query"), Linear(x, self + "key"), Linear(x, self + "value"), text.HeadCount, looks);
            x = Norm(Add(Linear(attended, name + "attention.output.dense"), x), name + "attention.output.LayerNorm", text.LayerNormEpsilon);
            double[][] wide = Activate(Linear(x, name + "intermediate.dense"), text.Activation);
            x = Norm(Add(Linear(wide, name + "output.dense"), x), name + "output.LayerNorm", text.LayerNormEpsilon);
        }

        return Linear([x[0]], "text_projection")[0];
    }

    /// <summary>Unit embedding of one picture's pixel values, [3, size, size].</summary>
    public double[] EncodeImage(ReadOnlySpan<float> pixels)
    {
        ChineseClipVisionConfig vision = config.VisionConfig;
        const string Embeddings = "vision_model.embeddings.";
        var tokens = new List<double[]> { Row(Embeddings + "class_embedding", 0, vision.HiddenSize) };
        for (int patchRow = 0; patchRow < vision.GridSize; patchRow++)
        {
            for (int patchColumn = 0; patchColumn < vision.GridSize; patchColumn++)
            {
                tokens.Add(Linear([Patch(pixels, patchRow, patchColumn)], Embeddings + "patch_embedding")[0]);
            }
        }

        double[][] x = [.. tokens.Select((t, i) => Add(t, Row(Embeddings + "position_embedding.weight", i, vision.HiddenSize)))];
        x = Norm(x, "vision_model.pre_layrnorm", vision.LayerNormEpsilon);
        for (int layer = 0; layer < vision.LayerCount; layer++)
        {
            string name = $"vision_model.encoder.layers.{layer}.";
            string self = name + "self_attn.";
            double[][] normed = Norm(x, name + "layer_norm1", vision.LayerNormEpsilon);
            double[][] attended = Attend(
                Linear(normed, self + "q_proj"), Linear(normed, self + "k_proj"), Linear(normed, self + "v_proj"), vision.HeadCount);
            x = Add(x, Linear(attended, self + "out_proj"));
            double[][] wide = Linear(Norm(x, name + "layer_norm2", vision.LayerNormEpsilon), name + "mlp.fc1");
            x = Add(x, Linear(Activate(wide, vision.Activation), name + "mlp.fc2"));
        }

        double[][] pooled = Norm([x[0]], "vision_model.post_layernorm", vision.LayerNormEpsilon);
        return Unit(Linear(pooled, "visual_projection")[0]);
    }

    private double[] Patch(ReadOnlySpan<float> pixels, int patchRow, int patchColumn)
    {
        int size = config.VisionConfig.ImageSize;
        int patch = config.VisionConfig.PatchSize;
        double[] values = new double[3 * patch * patch];
        for (int i = 0; i < values.Length; i++)
        {
            int channel = i / (patch * patch);
            int row = (patchRow * patch) + (i / patch % patch);
            int column = (patchColumn * patch) + (i % patch);
            values[i] = pixels[(((channel * size) + row) * size) + column];
        }

        return values;
    }

    private double[] Row(string name, int row, int width) =>
        [.. weights[name].AsSpan(row * width, width).ToArray().Select(x => (double)x)];

    /// <summary>Without a bias where the checkpoint has none.</summary>
    private double[][] Linear(double[][] x, string name)
    {
        double[] matrix = Doubles(name + ".weight");
        float[]? bias = weights.GetValueOrDefault(name + ".bias");
        int inputs = x[0].Length;
        int outputs = matrix.Length / inputs;
        double[][] result = [.. x.Select(_ => new double[outputs])];
        for (int output = 0; output < outputs; output++)
        {
            ReadOnlySpan<double> row = matrix.AsSpan(output * inputs, inputs);
            for (int token = 0; token < x.Length; token++)
            {
                result[token][output] = (bias?[output] ?? 0) + TensorPrimitives.Dot(x[token], row);
            }
        }

        return result;
    }

    private double[] Doubles(string name)
    {
        if (!_doubles.TryGetValue(name, out double[]? values))
        {
            values = Array.ConvertAll(weights[name], x => (double)x);
            _doubles.Add(name, values);
        }

        return values;
    }

    private double[][] Norm(double[][] x, string name, double epsilon)
    {
        float[] weight = weights[name + ".weight"];
        float[] bias = weights[name + ".bias"];
        return [.. x.Select(row =>
        {
            double mean = row.Average();
            double deviation = Math.Sqrt(row.Average(v => (v - mean) * (v - mean)) + epsilon);
            return row.Select((v, i) => ((v - mean) / deviation * weight[i]) + bias[i]).ToArray();
        })];
    }

    private static double[][] Attend(double[][] queries, double[][] keys, double[][] values, int heads, Func<int, int, bool>? looks = null)
    {
        int size = queries[0].Length / heads;
        return [.. queries.Select((query, from) =>
        {
            double[] result = new double[query.Length];
            for (int head = 0; head < heads; head++)
            {
                int first = head * size;
                double[] scores = [.. keys.Select((key, to) => looks?.Invoke(from, to) == false
                    ? double.NegativeInfinity
                    : TensorPrimitives.Dot<double>(query.AsSpan(first, size), key.AsSpan(first, size)) / Math.Sqrt(size))];
                double largest = scores.Max();
                double total = scores.Sum(s => Math.Exp(s - largest));
                for (int token = 0; token < keys.Length; token++)
                {
                    double share = Math.Exp(scores[token] - largest) / total;
                    for (int i = first; i < first + size; i++)
                    {
                        result[i] += share * values[token][i];
                    }
                }
            }

            return result;
        })];
    }

    private static double[][] Activate(double[][] x, Activation activation) =>
        [.. x.Select(row => row.Select(v => activation switch
        {
            Activation.Gelu => 0.5 * v * (1 + Erf(v / Math.Sqrt(2))),
            Activation.QuickGelu => v / (1 + Math.Exp(-1.702 * v)),
            Activation.GeluTanh => 0.5 * v * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (v + (0.044715 * v * v * v)))),
            _ => Math.Max(0, v),
        }).ToArray())];

    /// <summary>By its Taylor series, which is exact to float64 for the magnitudes that occur; 1 beyond 6.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 6)
        {
            return Math.Sign(x);
        }

        // erf(x) = 2/√π · e^(-x²) · Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1)): all terms of one sign, so nothing cancels.
        double term = x;
        double sum = x;
        for (int n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double[][] Add(double[][] a, double[][] b) => [.. a.Zip(b, Add)];

    private static double[] Unit(double[] x)
    {
        double norm = Math.Sqrt(x.Sum(v => v * v));
        return [.. x.Select(v => v / norm)];
    }
}
