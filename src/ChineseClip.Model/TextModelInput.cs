namespace ChineseClip.Model;

/// <summary>What the text model takes: token ids, and what else the reference lets a caller say about them.</summary>
/// <remarks>Shape: arrays are [<see cref="Count"/>, <see cref="Length"/>], row-major, where nothing else is said.</remarks>
public sealed record TextModelInput
{
    /// <summary>Number of texts, at least 1.</summary>
    public required int Count { get; init; }

    public required IReadOnlyList<int> InputIds { get; init; }

    /// <summary>1 where a token counts, 0 where it is padding; null: every token counts.</summary>
    /// <remarks>Shape: [Count, Length], or [Count, Length, Length] to say for each token which others it looks at.</remarks>
    public IReadOnlyList<int>? AttentionMask { get; init; }

    /// <summary>Null: all 0.</summary>
    public IReadOnlyList<int>? TokenTypeIds { get; init; }

    /// <summary>Null: 0, 1, 2… in each text.</summary>
    public IReadOnlyList<int>? PositionIds { get; init; }

    /// <summary>Tokens of each text.</summary>
    public int Length => Count <= 0 ? 0 : InputIds.Count / Count;

    /// <summary>What a tokenizer gave, padding masked.</summary>
    public static TextModelInput From(TokenBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return new TextModelInput
        {
            Count = batch.Count,
            InputIds = batch.InputIds,
            AttentionMask = batch.AttentionMask,
            TokenTypeIds = batch.TokenTypeIds,
        };
    }
}
