using ChineseClip.Model.Checkpoints;

namespace ChineseClip.Model.Onnx;

/// <summary>The steps both towers are made of, written as ONNX nodes over the checkpoint's tensors.</summary>
internal sealed class TowerOperations(GraphBuilder graph, ModelWeights weights, WeightFile file, ModelPrecision precision)
{
    private readonly Dictionary<string, string[]> _quantized = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _halves = new(StringComparer.Ordinal);

    public GraphBuilder Graph { get; } = graph;

    /// <summary>A float32 tensor of the checkpoint, in its own shape or another of as many elements.</summary>
    public string Tensor(string name, params long[] shape) => Derived(name, () => weights.Read(name), shape);

    /// <summary>A float32 tensor computed from the checkpoint.</summary>
    public string Derived(string name, Func<float[]> read, params long[] shape) =>
        Graph.Weight(file.Store(name, OnnxType.Float, shape, read));

    public float[] Read(string name) => weights.Read(name);

    /// <summary>Rows of a table, as float32. Where matrices are small, the table is kept in float16.</summary>
    public string Lookup(string name, string ids, long rows, long width)
    {
        if (precision == ModelPrecision.Fp32)
        {
            return Graph.Node("Gather", [Tensor(name, rows, width), ids], new OnnxAttribute("axis", 0L));
        }

        StoredWeight table = file.Store(
            name + ".f16", OnnxType.Float16, [rows, width], () => ToHalf(weights.Read(name), name));
        return ToFloat(Graph.Node("Gather", [Graph.Weight(table), ids], new OnnxAttribute("axis", 0L)));
    }

    /// <summary>Layer normalization over the last axis.</summary>
    public string LayerNorm(string x, string name, int width, float epsilon) =>
        Graph.Node(
            "LayerNormalization",
            [x, Tensor(name + ".weight", width), Tensor(name + ".bias", width)],
            new OnnxAttribute("axis", -1L),
            new OnnxAttribute("epsilon", epsilon));

    /// <summary>x · Wᵀ · scale + b · scale, W being [outputs, inputs] in the checkpoint.</summary>
    public string Linear(string x, string name, int outputs, int inputs, float scale = 1)
    {
        float[] ReadScaled(string tensor) => Scale(weights.Read(tensor), scale);
        string product = precision switch
        {
            ModelPrecision.Fp16 => HalfProduct(x, name, () => ReadScaled(name + ".weight"), outputs, inputs),
            ModelPrecision.Int8 => Int8Product(x, name, () => ReadScaled(name + ".weight"), outputs, inputs),
            _ => FloatProduct(x, name, () => ReadScaled(name + ".weight"), outputs, inputs),
        };
        return Graph.Node("Add", [product, Derived(name + ".bias", () => ReadScaled(name + ".bias"), outputs)]);
    }

    /// <summary>x · Wᵀ in float32, whatever the precision: for the first and the last matrix, whose errors nothing evens out.</summary>
    public string Projection(string x, string name, int outputs, int inputs) =>
        FloatProduct(x, name, () => weights.Read(name + ".weight"), outputs, inputs);

    public string Activate(string x, Activation activation) => activation switch
    {
        Activation.QuickGelu => Graph.Node(
            "Mul", [x, Graph.Node("Sigmoid", [Graph.Node("Mul", [x, Graph.Scalar(1.702f)])])]),
        Activation.Gelu => Gelu(x),
        Activation.GeluTanh => GeluTanh(x),
        Activation.Relu => Graph.Node("Relu", [x]),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "unknown activation"),
    };

    /// <summary>[N, length, heads·size] → [N, heads, length, size], or with the last two exchanged for keys.</summary>
    public string SplitHeads(string x, int heads, int size, bool transposed = false)
    {
        string split = Graph.Node("Reshape", [x, Graph.Int64s(0, 0, heads, size)]);
        return Graph.Node("Transpose", [split], new OnnxAttribute("perm", transposed ? [0, 2, 3, 1] : [0, 2, 1, 3]));
    }

    /// <summary>[N, heads, length, size] → [N, length, heads·size].</summary>
    public string JoinHeads(string x, int width)
    {
        string joined = Graph.Node("Transpose", [x], new OnnxAttribute("perm", 0, 2, 1, 3));
        return Graph.Node("Reshape", [joined, Graph.Int64s(0, 0, width)]);
    }

    /// <summary>The first token only: [N, length, width] → [N, 1, width].</summary>
    public string ClassToken(string x) => Graph.Node("Gather", [x, Graph.Int64s(0)], new OnnxAttribute("axis", 1L));

    /// <summary>Declares the outputs: <c>features</c> as the reference's, and <c>embedding</c>, the same at unit length.</summary>
    public void EmbeddingOutputs(string features, int dimension)
    {
        string norm = Graph.Node("ReduceL2", [features], new OnnxAttribute("axes", [-1]), new OnnxAttribute("keepdims", 1L));
        string width = dimension.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Graph.Output(Graph.Node("Div", [features, norm]), "embedding", OnnxType.Float, "batch", width);
        Graph.Output(features, "features", OnnxType.Float, "batch", width);
    }

    private string FloatProduct(string x, string name, Func<float[]> read, int outputs, int inputs) =>
        Graph.Node(
            "MatMul", [x, Derived(name + ".matrix", () => MatrixLayout.Transpose(read(), outputs, inputs), inputs, outputs)]);

    private string HalfProduct(string x, string name, Func<float[]> read, int outputs, int inputs)
    {
        StoredWeight matrix = file.Store(
            name + ".matrix.f16",
            OnnxType.Float16,
            [inputs, outputs],
            () => ToHalf(MatrixLayout.Transpose(read(), outputs, inputs), name));
        if (!_halves.TryGetValue(x, out string? half))
        {
            half = Graph.Node("Cast", [x], new OnnxAttribute("to", (long)OnnxType.Float16));
            _halves.Add(x, half);
        }

        return ToFloat(Graph.Node("MatMul", [half, Graph.Weight(matrix)]));
    }

    private string Int8Product(string x, string name, Func<float[]> read, int outputs, int inputs)
    {
        float[]? values = null;
        float[]? scales = null;
        float[] Values() => values ??= read();
        float[] Scales() => scales ??= MatrixCoding.Int8Scales(Values(), outputs, inputs);
        StoredWeight scale = file.Store(name + ".scale", OnnxType.Float, [outputs], Scales);
        StoredWeight matrix = file.Store(
            name + ".matrix.u8", OnnxType.UInt8, [inputs, outputs], () => MatrixCoding.ToUInt8(Values(), Scales(), inputs));
        if (!_quantized.TryGetValue(x, out string[]? quantized))
        {
            quantized = Graph.Node("DynamicQuantizeLinear", [x], outputCount: 3);
            _quantized.Add(x, quantized);
        }

        string sums = Graph.Node("MatMulInteger", [quantized[0], Graph.Weight(matrix), quantized[2], Graph.UInt8(MatrixCoding.UInt8Zero)]);
        return Graph.Node("Mul", [ToFloat(sums), Graph.Node("Mul", [quantized[1], Graph.Weight(scale)])]);
    }

    private string ToFloat(string x) => Graph.Node("Cast", [x], new OnnxAttribute("to", (long)OnnxType.Float));

    private string Gelu(string x)
    {
        string erf = Graph.Node("Erf", [Graph.Node("Div", [x, Graph.Scalar(MathF.Sqrt(2))])]);
        string product = Graph.Node("Mul", [x, Graph.Node("Add", [erf, Graph.Scalar(1)])]);
        return Graph.Node("Mul", [product, Graph.Scalar(0.5f)]);
    }

    private string GeluTanh(string x)
    {
        string cube = Graph.Node("Mul", [x, Graph.Node("Mul", [x, x])]);
        string inner = Graph.Node("Add", [x, Graph.Node("Mul", [cube, Graph.Scalar(0.044715f)])]);
        string tanh = Graph.Node("Tanh", [Graph.Node("Mul", [inner, Graph.Scalar(MathF.Sqrt(2 / MathF.PI))])]);
        string product = Graph.Node("Mul", [x, Graph.Node("Add", [tanh, Graph.Scalar(1)])]);
        return Graph.Node("Mul", [product, Graph.Scalar(0.5f)]);
    }

    private Half[] ToHalf(float[] values, string name)
    {
        Half[] halves = MatrixCoding.ToHalf(values);
        int beyond = Array.FindIndex(halves, Half.IsInfinity);
        return beyond < 0
            ? halves
            : throw new ModelFormatException(
                weights.Path, $"tensor \"{name}\" holds {values[beyond]}; float16 reaches {Half.MaxValue}, so convert to fp32");
    }

    private static float[] Scale(float[] values, float scale)
    {
        if (scale != 1)
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] *= scale;
            }
        }

        return values;
    }
}
