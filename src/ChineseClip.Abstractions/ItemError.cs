namespace ChineseClip.Abstractions;

/// <summary>Why one element of a batch failed while the others went on.</summary>
[GenerateSerializer, Alias("cc.ItemError"), Immutable]
public sealed record ItemError
{
    /// <summary>The stable code.</summary>
    [Id(0)]
    public required ErrorCode Code { get; init; }

    /// <summary>One sentence that names the input, the value and the bound.</summary>
    [Id(1)]
    public required string Message { get; init; }
}
