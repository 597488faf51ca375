namespace ChineseClip.Abstractions;

/// <summary>A clause used as a condition.</summary>
[GenerateSerializer, Alias("cc.NestedClause"), Immutable]
public sealed record NestedClause : FilterCondition
{
    /// <summary>The clause.</summary>
    [Id(0)]
    public required FilterClause Clause { get; init; }
}
