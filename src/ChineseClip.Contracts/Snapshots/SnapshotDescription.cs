namespace ChineseClip.Contracts;

/// <summary>A snapshot of a collection.</summary>
public sealed record SnapshotDescription
{
    /// <summary>Its name.</summary>
    public required string Id { get; init; }

    /// <summary>The collection it was taken of.</summary>
    public required string Collection { get; init; }

    /// <summary>When it was taken (UTC).</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Items in all shards.</summary>
    public required long ItemCount { get; init; }

    /// <summary>Length of all its files; files that are the same as those of another snapshot are stored once.</summary>
    public required long Bytes { get; init; }

    /// <summary>Identity of the model that made its vectors.</summary>
    public string? ModelSha256 { get; init; }

    /// <summary>The snapshots of its shards, by ordinal.</summary>
    public required IReadOnlyList<ShardSnapshotDescription> Shards { get; init; }
}
