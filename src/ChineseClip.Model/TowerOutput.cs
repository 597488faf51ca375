namespace ChineseClip.Model;

/// <summary>Everything that one tower computes.</summary>
/// <remarks>Source: transformers 4.34, BaseModelOutputWithPoolingAndCrossAttentions and BaseModelOutputWithPooling.</remarks>
public sealed record TowerOutput
{
    /// <summary>[batch, tokens, hidden]; of a ResNet [batch, hidden, side, side].</summary>
    public required FloatTensor LastHiddenState { get; init; }

    /// <summary>[batch, hidden]; null for a text model whose checkpoint has no pooler.</summary>
    public required FloatTensor? PoolerOutput { get; init; }

    /// <summary>[batch, dimension]: the projection of the first token, of any length, as the reference's <c>get_*_features</c>.</summary>
    public required FloatTensor Features { get; init; }

    /// <summary>[batch, dimension]: <see cref="Features"/> at unit length.</summary>
    public required FloatTensor Embeddings { get; init; }

    /// <summary>
    /// The embeddings and each layer's result, each [batch, tokens, hidden]; of a ResNet the stem's and each stage's,
    /// [batch, channels, side, side]. Empty unless asked for.
    /// </summary>
    public required IReadOnlyList<FloatTensor> HiddenStates { get; init; }

    /// <summary>
    /// Each layer's shares, each [batch, heads, tokens, tokens]; of a ResNet those of its pool alone, [batch, heads, 1, 1 + places].
    /// Empty unless asked for.
    /// </summary>
    public required IReadOnlyList<FloatTensor> Attentions { get; init; }
}
