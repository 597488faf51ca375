using ChineseClip.Model.Checkpoints;

namespace ChineseClip.Model.Onnx;

/// <summary>Writes the text tower: token ids and attention mask in, embedding of the first token out.</summary>
/// <remarks>
/// Two graphs: the one that serves, and the full one, which shows whatever the reference does.
/// Shape: input_ids, attention_mask [batch, length] int64 → embedding, features [batch, dimension] float32.
/// Positions count from 0 and every token is of type 0. The last layer is computed for the first token alone, because the
/// embedding depends on no other; its keys and values still come from all.
/// Source: transformers 4.34, modeling_chinese_clip.py, ChineseCLIPTextModel and get_text_features.
/// </remarks>
internal sealed class TextGraph(TowerOperations tower, ChineseClipConfig config, GraphTaps? taps = null)
{
    public const string InputIds = "input_ids";
    public const string AttentionMask = "attention_mask";
    public const string TokenTypeIds = "token_type_ids";
    public const string PositionIds = "position_ids";
    public const string Pooler = "text_model.pooler.dense";
    private const string Batch = "batch";
    private const string Length = "length";

    /// <summary>Tokens that look: all of a text, or 1 where a mask is the same for all of them.</summary>
    private const string Looking = "looking";
    private readonly GraphBuilder _graph = tower.Graph;
    private readonly ChineseClipTextConfig _text = config.TextConfig;

    public static byte[] Write(ModelWeights weights, WeightFile file, ModelPrecision precision)
    {
        var graph = new GraphBuilder("text");
        var tower = new TowerOperations(graph, weights, file, precision);
        new TextGraph(tower, weights.Config).Build();
        return graph.ToModelBytes();
    }

    /// <summary>Every layer for every token, with types and positions as inputs and everything in between as outputs.</summary>
    public static byte[] WriteFull(ModelWeights weights, WeightFile file)
    {
        var graph = new GraphBuilder("text_full");
        var tower = new TowerOperations(graph, weights, file, ModelPrecision.Fp32);
        new TextGraph(tower, weights.Config, new GraphTaps(graph)).BuildFull(weights.Contains(Pooler + ".weight"));
        return graph.ToModelBytes();
    }

    private void Build()
    {
        string ids = _graph.Input(InputIds, OnnxType.Int64, Batch, Length);
        string mask = AdditiveMask(_graph.Input(AttentionMask, OnnxType.Int64, Batch, Length), 1, 2);
        string x = Embed(ids);
        for (int layer = 0; layer < _text.LayerCount; layer++)
        {
            x = Layer(x, mask, layer);
        }

        string first = _graph.Node("Reshape", [x, _graph.Int64s(0, _text.HiddenSize)]);
        string features = tower.Projection(first, "text_projection", config.ProjectionDimension, _text.HiddenSize);
        tower.EmbeddingOutputs(features, config.ProjectionDimension);
    }

    private void BuildFull(bool hasPooler)
    {
        int hidden = _text.HiddenSize;
        string ids = _graph.Input(InputIds, OnnxType.Int64, Batch, Length);
        string mask = AdditiveMask(_graph.Input(AttentionMask, OnnxType.Int64, Batch, Looking, Length), 1);
        string types = _graph.Input(TokenTypeIds, OnnxType.Int64, Batch, Length);
        string positions = _graph.Input(PositionIds, OnnxType.Int64, Batch, Length);
        string words = tower.Lookup(TensorLayout.TextEmbeddings + "word_embeddings.weight", ids, _text.VocabularySize, hidden);
        string typed = tower.Lookup(
            TensorLayout.TextEmbeddings + "token_type_embeddings.weight", types, _text.TypeVocabularySize, hidden);
        string placed = tower.Lookup(
            TensorLayout.TextEmbeddings + "position_embeddings.weight", positions, _text.MaxPositions, hidden);
        string sum = _graph.Node("Add", [_graph.Node("Add", [words, typed]), placed]);
        string x = Norm(sum, TensorLayout.TextEmbeddings + "LayerNorm");
        taps?.HiddenState(x, hidden);
        for (int layer = 0; layer < _text.LayerCount; layer++)
        {
            x = Layer(x, mask, layer);
            taps?.HiddenState(x, hidden);
        }

        taps?.LastHiddenState(x, hidden);
        string first = _graph.Node("Reshape", [tower.ClassToken(x), _graph.Int64s(0, hidden)]);
        if (hasPooler)
        {
            taps?.PoolerOutput(_graph.Node("Tanh", [tower.Linear(first, Pooler, hidden, hidden)]), hidden);
        }

        string features = tower.Projection(first, "text_projection", config.ProjectionDimension, hidden);
        tower.EmbeddingOutputs(features, config.ProjectionDimension);
    }

    /// <summary>0 where a token counts and the most negative float where it does not, with dimensions of 1 put in at the axes.</summary>
    private string AdditiveMask(string mask, params long[] axes)
    {
        string counts = _graph.Node("Cast", [mask], new OnnxAttribute("to", (long)OnnxType.Float));
        string absent = _graph.Node("Sub", [_graph.Scalar(1), counts]);
        string additive = _graph.Node("Mul", [absent, _graph.Scalar(float.MinValue)]);
        return _graph.Node("Unsqueeze", [additive, _graph.Int64s(axes)]);
    }

    private string Embed(string ids)
    {
        int hidden = _text.HiddenSize;
        string words = tower.Lookup(TensorLayout.TextEmbeddings + "word_embeddings.weight", ids, _text.VocabularySize, hidden);
        string positions = tower.Derived(
            TensorLayout.TextEmbeddings + "position_and_type_0", ReadPositionsOfType0, _text.MaxPositions, hidden);
        string length = _graph.Node("Gather", [_graph.Node("Shape", [ids]), _graph.Int64s(1)], new OnnxAttribute("axis", 0L));
        string used = _graph.Node("Slice", [positions, _graph.Int64s(0), length, _graph.Int64s(0)]);
        return Norm(_graph.Node("Add", [words, used]), TensorLayout.TextEmbeddings + "LayerNorm");
    }

    private float[] ReadPositionsOfType0()
    {
        float[] positions = tower.Read(TensorLayout.TextEmbeddings + "position_embeddings.weight");
        float[] types = tower.Read(TensorLayout.TextEmbeddings + "token_type_embeddings.weight");
        for (int i = 0; i < positions.Length; i++)
        {
            positions[i] += types[i % _text.HiddenSize];
        }

        return positions;
    }

    private string Layer(string x, string mask, int layer)
    {
        int hidden = _text.HiddenSize;
        string name = TensorLayout.TextLayer(layer);
        string query = taps is null && layer == _text.LayerCount - 1 ? tower.ClassToken(x) : x;
        string attended = Attend(query, x, mask, name + "attention.self.");
        string output = tower.Linear(attended, name + "attention.output.dense", hidden, hidden);
        string middle = Norm(_graph.Node("Add", [output, query]), name + "attention.output.LayerNorm");

        string wide = tower.Linear(middle, name + "intermediate.dense", _text.IntermediateSize, hidden);
        string active = tower.Activate(wide, _text.Activation);
        string narrow = tower.Linear(active, name + "output.dense", hidden, _text.IntermediateSize);
        return Norm(_graph.Node("Add", [narrow, middle]), name + "output.LayerNorm");
    }

    private string Attend(string query, string all, string mask, string name)
    {
        int hidden = _text.HiddenSize;
        int heads = _text.HeadCount;
        int size = _text.HeadSize;
        string queries = tower.SplitHeads(tower.Linear(query, name + "query", hidden, hidden, 1 / MathF.Sqrt(size)), heads, size);
        string keys = tower.SplitHeads(tower.Linear(all, name + "key", hidden, hidden), heads, size, transposed: true);
        string values = tower.SplitHeads(tower.Linear(all, name + "value", hidden, hidden), heads, size);
        string scores = _graph.Node("Add", [_graph.Node("MatMul", [queries, keys]), mask]);
        string shares = _graph.Node("Softmax", [scores], new OnnxAttribute("axis", -1L));
        taps?.Attention(shares, heads);
        return tower.JoinHeads(_graph.Node("MatMul", [shares, values]), hidden);
    }

    private string Norm(string x, string name) => tower.LayerNorm(x, name, _text.HiddenSize, _text.LayerNormEpsilon);
}
