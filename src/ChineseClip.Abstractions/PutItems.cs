namespace ChineseClip.Abstractions;

/// <summary>A batch of items to embed and store.</summary>
[GenerateSerializer, Alias("cc.PutItems"), Immutable]
public sealed record PutItems
{
    /// <summary>The collection's name.</summary>
    [Id(0)]
    public required string Collection { get; init; }

    /// <summary>The items, 1 to 1,024; of two items with one id the later wins.</summary>
    [Id(1)]
    public required PutItem[] Items { get; init; }

    /// <summary>Names this write, so that a repeated one happens once; an empty id means a new operation.</summary>
    [Id(2)]
    public Guid OperationId { get; init; }

    /// <summary>How long the caller waits.</summary>
    [Id(3)]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);
}
