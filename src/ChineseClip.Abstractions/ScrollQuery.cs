namespace ChineseClip.Abstractions;

/// <summary>One page of a walk through a collection, by id in ordinal order.</summary>
[GenerateSerializer, Alias("cc.ScrollQuery"), Immutable]
public sealed record ScrollQuery
{
    /// <summary>The collection's name.</summary>
    [Id(0)]
    public required string Collection { get; init; }

    /// <summary>Items a page, 1 to 1,000.</summary>
    [Id(1)]
    public int Limit { get; init; } = 100;

    /// <summary>Where the last page ended (<see cref="ScrollPage.NextCursor"/>); null for the first page.</summary>
    [Id(2)]
    public string? Cursor { get; init; }

    /// <summary>Which items.</summary>
    [Id(3)]
    public FilterClause? Filter { get; init; }

    /// <summary>Whether items carry their payload.</summary>
    [Id(4)]
    public bool WithPayload { get; init; } = true;

    /// <summary>Whether items carry their vector.</summary>
    [Id(5)]
    public bool WithVector { get; init; }
}
