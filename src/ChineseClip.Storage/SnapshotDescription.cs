namespace ChineseClip.Storage;

/// <summary>What is known of a snapshot without opening it.</summary>
/// <param name="Id">Its name: letters, digits, '-' only.</param>
/// <param name="ShardKey">The shard it belongs to.</param>
/// <param name="Lsn">It contains every record up to this one.</param>
/// <param name="Epoch">The lease under which it was published.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="Bytes">The sum of its files' lengths.</param>
/// <param name="Properties">What the publisher gave; empty for a snapshot whose description is damaged.</param>
public sealed record SnapshotDescription(
    string Id,
    string ShardKey,
    long Lsn,
    long Epoch,
    DateTimeOffset CreatedAt,
    long Bytes,
    IReadOnlyDictionary<string, string> Properties);
