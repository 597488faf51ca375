using System.Globalization;
using ChineseClip.Model.Checkpoints;

namespace ChineseClip.Model.Onnx;

/// <summary>Writes the vision tower: normalized pixels in, embedding of the class token out.</summary>
/// <remarks>
/// Shape: pixel_values [batch, 3, size, size] float32 → embedding, features [batch, dimension] float32.
/// The patch convolution is a matrix product, since patches do not overlap. The last layer is computed for the class token
/// alone; post_layernorm touches nothing else either. The full graph computes every token and shows what the reference does.
/// Source: transformers 4.34, modeling_chinese_clip.py, ChineseCLIPVisionTransformer and get_image_features.
/// </remarks>
internal sealed class VisionGraph(TowerOperations tower, ChineseClipConfig config, GraphTaps? taps = null)
{
    public const string PixelValues = "pixel_values";
    private const string Batch = "batch";
    private readonly GraphBuilder _graph = tower.Graph;
    private readonly ChineseClipVisionConfig _vision = config.VisionConfig;

    public static byte[] Write(ModelWeights weights, WeightFile file, ModelPrecision precision)
    {
        var graph = new GraphBuilder("vision");
        var tower = new TowerOperations(graph, weights, file, precision);
        new VisionGraph(tower, weights.Config).Build();
        return graph.ToModelBytes();
    }

    /// <summary>Every layer for every token, with everything in between as outputs.</summary>
    public static byte[] WriteFull(ModelWeights weights, WeightFile file)
    {
        var graph = new GraphBuilder("vision_full");
        var tower = new TowerOperations(graph, weights, file, ModelPrecision.Fp32);
        new VisionGraph(tower, weights.Config, new GraphTaps(graph)).Build();
        return graph.ToModelBytes();
    }

    private void Build()
    {
        int hidden = _vision.HiddenSize;
        string x = Norm(Embed(), "vision_model.pre_layrnorm");
        taps?.HiddenState(x, hidden);
        for (int layer = 0; layer < _vision.LayerCount; layer++)
        {
            x = Layer(x, layer);
            taps?.HiddenState(x, hidden);
        }

        taps?.LastHiddenState(x, hidden);
        string first = _graph.Node("Reshape", [taps is null ? x : tower.ClassToken(x), _graph.Int64s(0, hidden)]);
        string pooled = Norm(first, "vision_model.post_layernorm");
        taps?.PoolerOutput(pooled, hidden);
        string features = tower.Projection(pooled, "visual_projection", config.ProjectionDimension, _vision.HiddenSize);
        tower.EmbeddingOutputs(features, config.ProjectionDimension);
    }

    /// <summary>Patches times their matrix, the class token before them, positions added: [batch, 1 + patches, hidden].</summary>
    private string Embed()
    {
        int hidden = _vision.HiddenSize;
        int channels = _vision.ChannelCount;
        int grid = _vision.GridSize;
        int patch = _vision.PatchSize;
        string side = _vision.ImageSize.ToString(CultureInfo.InvariantCulture);
        string pixels = _graph.Input(
            PixelValues, OnnxType.Float, Batch, channels.ToString(CultureInfo.InvariantCulture), side, side);
        string whole = WholePatches(pixels);
        string split = _graph.Node("Reshape", [whole, _graph.Int64s(0, channels, grid, patch, grid, patch)]);
        string byPatch = _graph.Node("Transpose", [split], new OnnxAttribute("perm", 0, 2, 4, 1, 3, 5));
        string rows = _graph.Node("Reshape", [byPatch, _graph.Int64s(0, grid * grid, channels * patch * patch)]);
        string patches = tower.Projection(
            rows, TensorLayout.VisionEmbeddings + "patch_embedding", hidden, channels * patch * patch);

        string patchPositions = tower.Derived(
            TensorLayout.VisionEmbeddings + "patch_positions", () => ReadPositions()[hidden..], grid * grid, hidden);
        string placed = _graph.Node("Add", [patches, patchPositions]);
        string classRow = tower.Derived(TensorLayout.VisionEmbeddings + "class_token", ReadClassToken, 1, 1, hidden);
        string count = _graph.Node(
            "Gather", [_graph.Node("Shape", [pixels]), _graph.Int64s(0)], new OnnxAttribute("axis", 0L));
        string shape = _graph.Node("Concat", [count, _graph.Int64s(1, 1)], new OnnxAttribute("axis", 0L));
        string classRows = _graph.Node("Expand", [classRow, shape]);
        return _graph.Node("Concat", [classRows, placed], new OnnxAttribute("axis", 1L));
    }

    /// <summary>Leaves out the pixels beyond the last whole patch, where there are any.</summary>
    private string WholePatches(string pixels)
    {
        long covered = _vision.GridSize * _vision.PatchSize;
        return covered == _vision.ImageSize
            ? pixels
            : _graph.Node("Slice", [pixels, _graph.Int64s(0, 0), _graph.Int64s(covered, covered), _graph.Int64s(2, 3)]);
    }

    private float[] ReadPositions() => tower.Read(TensorLayout.VisionEmbeddings + "position_embedding.weight");

    private float[] ReadClassToken()
    {
        float[] token = tower.Read(TensorLayout.VisionEmbeddings + "class_embedding");
        float[] positions = ReadPositions();
        for (int i = 0; i < token.Length; i++)
        {
            token[i] += positions[i];
        }

        return token;
    }

    private string Layer(string x, int layer)
    {
        int hidden = _vision.HiddenSize;
        string name = TensorLayout.VisionLayer(layer);
        bool last = taps is null && layer == _vision.LayerCount - 1;
        string normed = Norm(x, name + "layer_norm1");
        string attended = Attend(last ? tower.ClassToken(normed) : normed, normed, name + "self_attn.");
        string output = tower.Linear(attended, name + "self_attn.out_proj", hidden, hidden);
        string middle = _graph.Node("Add", [last ? tower.ClassToken(x) : x, output]);

        string wide = tower.Linear(Norm(middle, name + "layer_norm2"), name + "mlp.fc1", _vision.IntermediateSize, hidden);
        string active = tower.Activate(wide, _vision.Activation);
        string narrow = tower.Linear(active, name + "mlp.fc2", hidden, _vision.IntermediateSize);
        return _graph.Node("Add", [middle, narrow]);
    }

    private string Attend(string query, string all, string name)
    {
        int hidden = _vision.HiddenSize;
        int heads = _vision.HeadCount;
        int size = _vision.HeadSize;
        string queries = tower.SplitHeads(tower.Linear(query, name + "q_proj", hidden, hidden, 1 / MathF.Sqrt(size)), heads, size);
        string keys = tower.SplitHeads(tower.Linear(all, name + "k_proj", hidden, hidden), heads, size, transposed: true);
        string values = tower.SplitHeads(tower.Linear(all, name + "v_proj", hidden, hidden), heads, size);
        string shares = _graph.Node("Softmax", [_graph.Node("MatMul", [queries, keys])], new OnnxAttribute("axis", -1L));
        taps?.Attention(shares, heads);
        return tower.JoinHeads(_graph.Node("MatMul", [shares, values]), hidden);
    }

    private string Norm(string x, string name) => tower.LayerNorm(x, name, _vision.HiddenSize, _vision.LayerNormEpsilon);
}
