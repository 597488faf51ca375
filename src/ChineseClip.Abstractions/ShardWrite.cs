namespace ChineseClip.Abstractions;

/// <summary>One write to one shard, in one log record: either all of it is durable or nothing.</summary>
[GenerateSerializer, Alias("cc.ShardWrite"), Immutable]
public sealed record ShardWrite
{
    /// <summary>Names the write; a repeated one is answered from the first and not applied again.</summary>
    [Id(0)]
    public required Guid OperationId { get; init; }

    /// <summary>The collection's incarnation; another one is refused.</summary>
    [Id(1)]
    public required Guid Incarnation { get; init; }

    /// <summary>The model that embedded the items; null when the caller gave ready vectors.</summary>
    [Id(2)]
    public string? ModelSha256 { get; init; }

    /// <summary>Items to store or replace.</summary>
    [Id(3)]
    public ShardItem[] Upserts { get; init; } = [];

    /// <summary>Ids to delete.</summary>
    [Id(4)]
    public string[] Deletes { get; init; } = [];
}
