namespace ChineseClip.Abstractions;

/// <summary>The field is there and not null, or the opposite.</summary>
[GenerateSerializer, Alias("cc.FieldExists"), Immutable]
public sealed record FieldExists : FilterCondition
{
    /// <summary>The field, nested with dots.</summary>
    [Id(0)]
    public required string Field { get; init; }

    /// <summary>Whether it must be there (true) or must not (false).</summary>
    [Id(1)]
    public bool Exists { get; init; } = true;
}
