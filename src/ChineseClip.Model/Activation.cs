namespace ChineseClip.Model;

/// <summary>The nonlinearity between the two matrices of a feed-forward block (<c>hidden_act</c>).</summary>
public enum Activation
{
    /// <summary><c>gelu</c>: x·Φ(x), by the error function.</summary>
    Gelu,

    /// <summary><c>quick_gelu</c>: x·sigmoid(1.702·x).</summary>
    QuickGelu,

    /// <summary><c>gelu_new</c>, <c>gelu_pytorch_tanh</c>, <c>gelu_fast</c>: GELU by the tanh approximation.</summary>
    GeluTanh,

    /// <summary><c>relu</c>.</summary>
    Relu,
}
