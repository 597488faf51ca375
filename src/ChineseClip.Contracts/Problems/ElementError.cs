namespace ChineseClip.Contracts;

/// <summary>Why one element of a batch failed while others went on.</summary>
public sealed record ElementError
{
    /// <summary>One of <see cref="ErrorCodes"/>.</summary>
    public required string Code { get; init; }

    /// <summary>What was wrong: the input, the value and the bound.</summary>
    public required string Detail { get; init; }
}
