namespace ChineseClip.Model;

/// <summary>How the rows of a <see cref="TokenBatch"/> become equally long.</summary>
public enum TokenPadding
{
    /// <summary>To the longest row.</summary>
    Longest,

    /// <summary>To the maximum length, as cn_clip's tokenize does.</summary>
    MaxLength,

    /// <summary>Not at all: all rows must be equally long already.</summary>
    None,
}

/// <summary>Padding and truncation of a batch, per call.</summary>
public sealed record TokenBatchOptions
{
    public static TokenBatchOptions Default { get; } = new();

    public TokenPadding Padding { get; init; } = TokenPadding.Longest;

    /// <summary>Whether longer texts are cut to the maximum length.</summary>
    public bool Truncate { get; init; } = true;

    /// <summary>Tokens with the two special ones, at least 2; null: the tokenizer's own maximum.</summary>
    public int? MaxLength { get; init; }
}
