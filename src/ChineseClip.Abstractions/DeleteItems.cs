namespace ChineseClip.Abstractions;

/// <summary>Items to delete by id.</summary>
[GenerateSerializer, Alias("cc.DeleteItems"), Immutable]
public sealed record DeleteItems
{
    /// <summary>The collection's name.</summary>
    [Id(0)]
    public required string Collection { get; init; }

    /// <summary>1 to 1,024 ids; unknown ones are no error.</summary>
    [Id(1)]
    public required string[] Ids { get; init; }

    /// <summary>Names this write, so that a repeated one happens once; an empty id means a new operation.</summary>
    [Id(2)]
    public Guid OperationId { get; init; }
}
