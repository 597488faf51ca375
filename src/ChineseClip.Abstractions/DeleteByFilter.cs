namespace ChineseClip.Abstractions;

/// <summary>Items to delete by filter.</summary>
[GenerateSerializer, Alias("cc.DeleteByFilter"), Immutable]
public sealed record DeleteByFilter
{
    /// <summary>The collection's name.</summary>
    [Id(0)]
    public required string Collection { get; init; }

    /// <summary>Which items; an empty clause is refused.</summary>
    [Id(1)]
    public required FilterClause Filter { get; init; }
}
