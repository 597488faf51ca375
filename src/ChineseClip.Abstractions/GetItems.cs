namespace ChineseClip.Abstractions;

/// <summary>Items to fetch by id.</summary>
[GenerateSerializer, Alias("cc.GetItems"), Immutable]
public sealed record GetItems
{
    /// <summary>The collection's name.</summary>
    [Id(0)]
    public required string Collection { get; init; }

    /// <summary>1 to 1,024 ids.</summary>
    [Id(1)]
    public required string[] Ids { get; init; }

    /// <summary>Whether items carry their payload.</summary>
    [Id(2)]
    public bool WithPayload { get; init; } = true;

    /// <summary>Whether items carry their vector.</summary>
    [Id(3)]
    public bool WithVector { get; init; }
}
