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

    [LoggerMessage(1200, LogLevel.Information, "Collection {Collection} created with {ShardCount} shards")]
    public static partial void CollectionCreated(this ILogger logger, string collection, int shardCount);

    [LoggerMessage(1201, LogLevel.Information, "Collection {Collection} deleted")]
    public static partial void CollectionDeleted(this ILogger logger, string collection);

    [LoggerMessage(1202, LogLevel.Information, "Alias {CollectionAlias} stands for collection {Collection}")]
    public static partial void AliasSet(this ILogger logger, string collectionAlias, string collection);

    [LoggerMessage(1300, LogLevel.Error, "{Grain}.{Method} failed unexpectedly")]
    public static partial void CallFailed(this ILogger logger, Exception exception, string grain, string method);
}
