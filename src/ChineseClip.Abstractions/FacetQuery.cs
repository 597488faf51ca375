namespace ChineseClip.Abstractions;

/// <summary>A question for the values of a payload field and how often each occurs.</summary>
[GenerateSerializer, Alias("cc.FacetQuery"), Immutable]
public sealed record FacetQuery
{
    /// <summary>The collection's name.</summary>
    [Id(0)]
    public required string Collection { get; init; }

    /// <summary>The field, nested with dots.</summary>
    [Id(1)]
    public required string Field { get; init; }

    /// <summary>Values at most, 1 to 1,000, the most frequent first.</summary>
    [Id(2)]
    public int Limit { get; init; } = 20;

    /// <summary>Which items are looked at.</summary>
    [Id(3)]
    public FilterClause? Filter { get; init; }
}
