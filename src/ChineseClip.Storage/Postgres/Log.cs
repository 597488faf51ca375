using Microsoft.Extensions.Logging;

namespace ChineseClip.Storage.Postgres;

internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Information, "Schema {Schema} is now at version {Version}.")]
    public static partial void SchemaMigrated(this ILogger logger, string schema, int version);

    [LoggerMessage(3002, LogLevel.Warning, "Notifications from PostgreSQL are lost; readers look by themselves meanwhile.")]
    public static partial void ListenerLost(this ILogger logger, Exception exception);

    [LoggerMessage(3003, LogLevel.Information, "Notifications from PostgreSQL are heard.")]
    public static partial void ListenerConnected(this ILogger logger);

    [LoggerMessage(3004, LogLevel.Debug, "Readers could not be notified; they look by themselves.")]
    public static partial void NotifyFailed(this ILogger logger, Exception exception);

    [LoggerMessage(3005, LogLevel.Warning, "The log of shard {ShardKey} takes no records until it is opened again.")]
    public static partial void LogFailed(this ILogger logger, string shardKey, Exception exception);
}
