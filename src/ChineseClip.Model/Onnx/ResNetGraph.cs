using System.Globalization;
using ChineseClip.Model.Checkpoints;

namespace ChineseClip.Model.Onnx;

/// <summary>Writes a ResNet vision tower: normalized pixels in, embedding by attention pooling out.</summary>
/// <remarks>
/// Shape: pixel_values [batch, 3, size, size] float32 → embedding, features [batch, dimension] float32.
/// Each normalization is folded into its convolution; convolutions stay in float32 in every precision. Only the pooled token asks
/// in the pooling, since nothing else of it is used. The full graph has outputs for what is between, and computes nothing more.
/// Source: OFA-Sys/Chinese-CLIP, cn_clip/clip/model.py, ModifiedResNet, Bottleneck and AttentionPool2d.
/// </remarks>
internal sealed class ResNetGraph(TowerOperations tower, ChineseClipConfig config, GraphTaps? taps = null)
{
    private const string Batch = "batch";
    private const float NormEpsilon = 1e-5f;
    private readonly GraphBuilder _graph = tower.Graph;
    private readonly ChineseClipVisionConfig _vision = config.VisionConfig;

    public static byte[] Write(ModelWeights weights, WeightFile file, ModelPrecision precision)
    {
        var graph = new GraphBuilder("vision");
        var tower = new TowerOperations(graph, weights, file, precision);
        new ResNetGraph(tower, weights.Config).Build();
        return graph.ToModelBytes();
    }

    /// <summary>The same with what each stage gives, and what the pool attends to, as outputs.</summary>
    public static byte[] WriteFull(ModelWeights weights, WeightFile file)
    {
        var graph = new GraphBuilder("vision_full");
        var tower = new TowerOperations(graph, weights, file, ModelPrecision.Fp32);
        new ResNetGraph(tower, weights.Config, new GraphTaps(graph)).Build();
        return graph.ToModelBytes();
    }

    private void Build()
    {
        string side = _vision.ImageSize.ToString(CultureInfo.InvariantCulture);
        string x = _graph.Input(VisionGraph.PixelValues, OnnxType.Float, Batch, "3", side, side);
        int stride = 2;
        foreach ((string convolution, string norm, int outputs, int inputs) in ResNetLayout.Stem(ResNetLayout.Width(_vision)))
        {
            x = Relu(Convolve(x, convolution, norm, [outputs, inputs, 3, 3], stride));
            stride = 1;
        }

        x = AveragePool(x, 2);
        int mapSide = _vision.ImageSize / 4;
        taps?.HiddenMap(x, ResNetLayout.Width(_vision), mapSide);
        foreach (var stage in ResNetLayout.Blocks(_vision).GroupBy(block => block.Planes))
        {
            foreach ((string name, int inputs, int planes, int step) in stage)
            {
                x = Bottleneck(x, name, (inputs, planes, step));
                mapSide /= step;
            }

            taps?.HiddenMap(x, stage.Key * ResNetLayout.Expansion, mapSide);
        }

        taps?.LastHiddenMap(x, _vision.HiddenSize, _vision.GridSize);
        tower.EmbeddingOutputs(PoolByAttention(x), config.ProjectionDimension);
    }

    private string Bottleneck(string x, string name, (int Inputs, int Planes, int Stride) shape)
    {
        (int inputs, int planes, int stride) = shape;
        int outputs = planes * ResNetLayout.Expansion;
        string narrow = Relu(Convolve(x, name + "conv1", name + "bn1", [planes, inputs, 1, 1]));
        string middle = AveragePool(Relu(Convolve(narrow, name + "conv2", name + "bn2", [planes, planes, 3, 3])), stride);
        string wide = Convolve(middle, name + "conv3", name + "bn3", [outputs, planes, 1, 1]);
        string shortcut = ResNetLayout.HasShortcut(inputs, planes, stride)
            ? Convolve(AveragePool(x, stride), name + "downsample.0", name + "downsample.1", [outputs, inputs, 1, 1])
            : x;
        return Relu(_graph.Node("Add", [wide, shortcut]));
    }

    /// <summary>The mean of all places asks all places and itself: [batch, hidden, side, side] → [batch, dimension].</summary>
    private string PoolByAttention(string x)
    {
        const string Pool = ResNetLayout.Pool;
        int hidden = _vision.HiddenSize;
        int heads = _vision.HeadCount;
        int size = _vision.HeadSize;
        int places = _vision.GridSize * _vision.GridSize;
        string flat = _graph.Node("Reshape", [x, _graph.Int64s(0, hidden, places)]);
        string tokens = _graph.Node("Transpose", [flat], new OnnxAttribute("perm", 0, 2, 1));
        string mean = _graph.Node("ReduceMean", [tokens], new OnnxAttribute("axes", [1]), new OnnxAttribute("keepdims", 1L));
        string all = _graph.Node("Concat", [mean, tokens], new OnnxAttribute("axis", 1L));
        all = _graph.Node("Add", [all, tower.Tensor(Pool + "positional_embedding", places + 1, hidden)]);

        string asking = tower.Linear(tower.ClassToken(all), Pool + "q_proj", hidden, hidden, 1 / MathF.Sqrt(size));
        string queries = tower.SplitHeads(asking, heads, size);
        string keys = tower.SplitHeads(tower.Linear(all, Pool + "k_proj", hidden, hidden), heads, size, transposed: true);
        string values = tower.SplitHeads(tower.Linear(all, Pool + "v_proj", hidden, hidden), heads, size);
        string shares = _graph.Node("Softmax", [_graph.Node("MatMul", [queries, keys])], new OnnxAttribute("axis", -1L));
        taps?.PoolingAttention(shares, heads, places + 1);
        string joined = tower.JoinHeads(_graph.Node("MatMul", [shares, values]), hidden);
        string pooled = _graph.Node("Reshape", [joined, _graph.Int64s(0, hidden)]);
        taps?.PoolerOutput(pooled, hidden);
        string projected = tower.Projection(pooled, Pool + "c_proj", config.ProjectionDimension, hidden);
        return _graph.Node("Add", [projected, tower.Tensor(Pool + "c_proj.bias", config.ProjectionDimension)]);
    }

    /// <summary>A convolution without bias and its normalization, as one convolution with a bias.</summary>
    /// <param name="x">[batch, inputs, side, side].</param>
    /// <param name="convolution">Name of the convolution.</param>
    /// <param name="norm">Name of the normalization.</param>
    /// <param name="shape">[outputs, inputs, kernel, kernel].</param>
    /// <param name="stride">Step.</param>
    private string Convolve(string x, string convolution, string norm, long[] shape, int stride = 1)
    {
        string weight = tower.Derived(convolution + ".folded", () => FoldedWeight(convolution, norm), shape);
        string bias = tower.Derived(convolution + ".bias", () => FoldedBias(norm), shape[0]);
        long kernel = shape[2];
        long pad = kernel / 2;
        return _graph.Node(
            "Conv",
            [x, weight, bias],
            new OnnxAttribute("kernel_shape", [kernel, kernel]),
            new OnnxAttribute("strides", [stride, stride]),
            new OnnxAttribute("pads", [pad, pad, pad, pad]));
    }

    private float[] FoldedWeight(string convolution, string norm)
    {
        float[] weight = tower.Read(convolution + ".weight");
        double[] scales = Scales(norm);
        int perOutput = weight.Length / scales.Length;
        for (int i = 0; i < weight.Length; i++)
        {
            weight[i] = (float)(weight[i] * scales[i / perOutput]);
        }

        return weight;
    }

    private float[] FoldedBias(string norm)
    {
        float[] bias = tower.Read(norm + ".bias");
        float[] mean = tower.Read(norm + ".running_mean");
        double[] scales = Scales(norm);
        return [.. bias.Select((b, i) => (float)(b - (mean[i] * scales[i])))];
    }

    private double[] Scales(string norm)
    {
        float[] variance = tower.Read(norm + ".running_var");
        return [.. tower.Read(norm + ".weight").Select((w, i) => w / Math.Sqrt(variance[i] + NormEpsilon))];
    }

    private string AveragePool(string x, int side) => side == 1 ? x : _graph.Node(
        "AveragePool", [x], new OnnxAttribute("kernel_shape", [side, side]), new OnnxAttribute("strides", [side, side]));

    private string Relu(string x) => _graph.Node("Relu", [x]);
}
