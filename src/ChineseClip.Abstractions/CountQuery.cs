namespace ChineseClip.Abstractions;

/// <summary>A question for how many items fit.</summary>
[GenerateSerializer, Alias("cc.CountQuery"), Immutable]
public sealed record CountQuery
{
    /// <summary>The collection's name.</summary>
    [Id(0)]
    public required string Collection { get; init; }

    /// <summary>Which items; null means all.</summary>
    [Id(1)]
    public FilterClause? Filter { get; init; }
}
