using System.Globalization;

namespace ChineseClip.Model.Onnx;

/// <summary>Makes outputs of what a tower computes on its way, under the reference's names.</summary>
internal sealed class GraphTaps(GraphBuilder graph)
{
    public const string LastHidden = "last_hidden_state";
    public const string Pooled = "pooler_output";
    private const string Batch = "batch";
    private const string Tokens = "length";
    private int _hiddenStates;
    private int _attentions;

    public static string HiddenStateName(int index) => string.Create(CultureInfo.InvariantCulture, $"hidden_states.{index}");

    public static string AttentionName(int index) => string.Create(CultureInfo.InvariantCulture, $"attentions.{index}");

    /// <summary>The embeddings first, then each layer's result.</summary>
    public void HiddenState(string x, int width) =>
        graph.Output(x, HiddenStateName(_hiddenStates++), OnnxType.Float, Batch, Tokens, Number(width));

    /// <summary>Each layer's shares, [batch, heads, tokens, tokens].</summary>
    public void Attention(string shares, int heads) =>
        graph.Output(shares, AttentionName(_attentions++), OnnxType.Float, Batch, Number(heads), Tokens, Tokens);

    public void LastHiddenState(string x, int width) =>
        graph.Output(x, LastHidden, OnnxType.Float, Batch, Tokens, Number(width));

    public void PoolerOutput(string x, int width) => graph.Output(x, Pooled, OnnxType.Float, Batch, Number(width));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
