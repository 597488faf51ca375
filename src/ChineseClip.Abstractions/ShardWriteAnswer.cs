namespace ChineseClip.Abstractions;

/// <summary>What a write did, after it is durable and applied.</summary>
[GenerateSerializer, Alias("cc.ShardWriteAnswer"), Immutable]
public sealed record ShardWriteAnswer
{
    /// <summary>Created or updated, one an upsert.</summary>
    [Id(0)]
    public required ItemStatus[] Upserts { get; init; }

    /// <summary>Whether the id was there, one a delete.</summary>
    [Id(1)]
    public required bool[] Deleted { get; init; }

    /// <summary>The lease it was written under.</summary>
    [Id(2)]
    public required long Epoch { get; init; }

    /// <summary>Its log sequence number.</summary>
    [Id(3)]
    public required long Lsn { get; init; }
}
