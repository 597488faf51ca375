using Microsoft.Extensions.Logging;

namespace ChineseClip.Grains;

/// <summary>Every log message of this project. Ids: 1000s inference, 1100s shards, 1200s collections, 1300s calls.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information, "Encoder {Encoder} loaded; it runs on {ExecutionProvider}")]
    public static partial void EncoderLoaded(this ILogger logger, string encoder, string executionProvider);

    [LoggerMessage(1001, LogLevel.Warning, "Encoder {Encoder}: {Problem}")]
    public static partial void EncoderWarning(this ILogger logger, string encoder, string problem);

    [LoggerMessage(1002, LogLevel.Error, "Encoder {Encoder} could not be loaded")]
    public static partial void EncoderFailed(this ILogger logger, Exception exception, string encoder);

    [LoggerMessage(1100, LogLevel.Information,
        "Shard {ShardId} is ready: {ItemCount} items, epoch {Epoch}, LSN {Lsn}, read in {ElapsedMilliseconds} ms")]
    public static partial void ShardReady(
        this ILogger logger, string shardId, int itemCount, long epoch, long lsn, long elapsedMilliseconds);

    [LoggerMessage(1101, LogLevel.Error, "Shard {ShardId} could not be opened")]
    public static partial void ShardFailed(this ILogger logger, Exception exception, string shardId);

    [LoggerMessage(1102, LogLevel.Warning, "Shard {ShardId}: an append failed; nothing of it was applied")]
    public static partial void AppendFailed(this ILogger logger, Exception exception, string shardId);

    [LoggerMessage(1103, LogLevel.Information, "Shard {ShardId}: the log was opened again under epoch {Epoch}")]
    public static partial void LogReopened(this ILogger logger, string shardId, long epoch);

    [LoggerMessage(1104, LogLevel.Warning, "Shard {ShardId} was fenced by a newer epoch and stops")]
    public static partial void ShardFenced(this ILogger logger, string shardId);

    [LoggerMessage(1105, LogLevel.Warning, "Waking the shards failed; trying again")]
    public static partial void WakingFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1106, LogLevel.Error,
        "Shard {ShardId}: the snapshot {Snapshot} cannot be used, an older one or the log must serve: {Problem}")]
    public static partial void SnapshotBad(this ILogger logger, string shardId, string snapshot, string problem);

    [LoggerMessage(1107, LogLevel.Information,
        "Shard {ShardId}: snapshot {Snapshot} at LSN {Lsn}, {Bytes} bytes, taken in {ElapsedMilliseconds} ms")]
    public static partial void SnapshotTaken(
        this ILogger logger, string shardId, string snapshot, long lsn, long bytes, long elapsedMilliseconds);

    [LoggerMessage(1108, LogLevel.Warning, "Shard {ShardId}: no snapshot was taken; the log keeps what it would have held")]
    public static partial void SnapshotFailed(this ILogger logger, Exception exception, string shardId);

    [LoggerMessage(1109, LogLevel.Information,
        "Shard {ShardId}: {Count} vectors are being linked into the graph; until then searches compare each of them")]
    public static partial void LinkingBegun(this ILogger logger, string shardId, int count);

    [LoggerMessage(1110, LogLevel.Information, "Shard {ShardId}: all vectors are in the graph again, after {ElapsedMilliseconds} ms")]
    public static partial void LinkingDone(this ILogger logger, string shardId, long elapsedMilliseconds);

    [LoggerMessage(1111, LogLevel.Error, "Shard {ShardId}: linking vectors into the graph stopped")]
    public static partial void LinkingFailed(this ILogger logger, Exception exception, string shardId);

    [LoggerMessage(1112, LogLevel.Warning, "Shard {ShardId}: the snapshot shares nothing with the one before: {Problem}")]
    public static partial void SnapshotNotShared(this ILogger logger, string shardId, string problem);

    [LoggerMessage(1113, LogLevel.Information, "Shard {ShardId} moves to silo {Silo}")]
    public static partial void ShardMoves(this ILogger logger, string shardId, string silo);

    [LoggerMessage(1114, LogLevel.Information, "Reader {ShardId} follows: {ItemCount} items, LSN {Lsn}")]
    public static partial void ReplicaReady(this ILogger logger, string shardId, int itemCount, long lsn);

    [LoggerMessage(1115, LogLevel.Warning, "A reader of shard {ShardId} cannot follow its log and begins anew")]
    public static partial void ReplicaLost(this ILogger logger, Exception exception, string shardId);

    [LoggerMessage(1116, LogLevel.Information, "Shard {ShardId} serves on silo {Silo}, where it was moved")]
    public static partial void ShardHandedOver(this ILogger logger, string shardId, string silo);

    [LoggerMessage(1117, LogLevel.Warning, "Not all shards could be handed over before the silo stops; others take them when it is gone")]
    public static partial void LeavingFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1118, LogLevel.Error,
        "Shard {ShardId}: the graph of the snapshot {Snapshot} is damaged and is made anew from its vectors")]
    public static partial void GraphLost(this ILogger logger, string shardId, string snapshot);

    [LoggerMessage(1200, LogLevel.Information, "Collection {Collection} created with {ShardCount} shards")]
    public static partial void CollectionCreated(this ILogger logger, string collection, int shardCount);

    [LoggerMessage(1201, LogLevel.Information, "Collection {Collection} deleted")]
    public static partial void CollectionDeleted(this ILogger logger, string collection);

    [LoggerMessage(1202, LogLevel.Information, "Alias {CollectionAlias} stands for collection {Collection}")]
    public static partial void AliasSet(this ILogger logger, string collectionAlias, string collection);

    [LoggerMessage(1203, LogLevel.Information, "Collection {Collection}: snapshot {Snapshot} taken")]
    public static partial void CollectionSnapshotTaken(this ILogger logger, string collection, string snapshot);

    [LoggerMessage(1204, LogLevel.Information, "Collection {Collection} restored from snapshot {Snapshot}")]
    public static partial void CollectionRestored(this ILogger logger, string collection, string snapshot);

    [LoggerMessage(1300, LogLevel.Error, "{Grain}.{Method} failed unexpectedly")]
    public static partial void CallFailed(this ILogger logger, Exception exception, string grain, string method);
}
