namespace ChineseClip.Abstractions;

/// <summary>A shard's hits, best first, equal scores by id.</summary>
[GenerateSerializer, Alias("cc.ShardSearchAnswer"), Immutable]
public sealed record ShardSearchAnswer
{
    /// <summary>At most K hits.</summary>
    [Id(0)]
    public required SearchHit[] Hits { get; init; }

    /// <summary>Graph nodes visited.</summary>
    [Id(1)]
    public long VisitedCount { get; init; }

    /// <summary>Vectors compared with.</summary>
    [Id(2)]
    public long ScoredCount { get; init; }

    /// <summary>The lease under which the shard answered.</summary>
    [Id(3)]
    public long Epoch { get; init; }

    /// <summary>The newest record that the answer knows.</summary>
    [Id(4)]
    public long Lsn { get; init; }
}
