using System.Globalization;

namespace ChineseClip.Model.Onnx;

/// <summary>Makes outputs of what a tower computes on its way, under the reference's names.</summary>
internal sealed class GraphTaps(GraphBuilder graph)
{
    public const string LastHidden = "last_hidden_state";
    public const string Pooled = "pooler_output";
    private const string HiddenStates = "hidden_states.";
    private const string Attentions = "attentions.";
    private const string Batch = "batch";
    private const string Tokens = "length";
    private int _hiddenStates;
    private int _attentions;

    public static bool IsHiddenState(string output) => output.StartsWith(HiddenStates, StringComparison.Ordinal);

    public static bool IsAttention(string output) => output.StartsWith(Attentions, StringComparison.Ordinal);

    /// <summary>The embeddings first, then each layer's result.</summary>
    public void HiddenState(string x, int width) =>
        graph.Output(x, HiddenStates + Number(_hiddenStates++), OnnxType.Float, Batch, Tokens, Number(width));

    /// <summary>The stem's result first, then each stage's, [batch, channels, side, side].</summary>
    public void HiddenMap(string x, int channels, int side) =>
        graph.Output(x, HiddenStates + Number(_hiddenStates++), OnnxType.Float, Batch, Number(channels), Number(side), Number(side));

    /// <summary>Each layer's shares, [batch, heads, tokens, tokens].</summary>
    public void Attention(string shares, int heads) =>
        graph.Output(shares, Attentions + Number(_attentions++), OnnxType.Float, Batch, Number(heads), Tokens, Tokens);

    /// <summary>The shares of the one token that pools all, [batch, heads, 1, tokens].</summary>
    public void PoolingAttention(string shares, int heads, int tokens) =>
        graph.Output(shares, Attentions + Number(_attentions++), OnnxType.Float, Batch, Number(heads), Number(1), Number(tokens));

    public void LastHiddenState(string x, int width) =>
        graph.Output(x, LastHidden, OnnxType.Float, Batch, Tokens, Number(width));

    public void LastHiddenMap(string x, int channels, int side) =>
        graph.Output(x, LastHidden, OnnxType.Float, Batch, Number(channels), Number(side), Number(side));

    public void PoolerOutput(string x, int width) => graph.Output(x, Pooled, OnnxType.Float, Batch, Number(width));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
