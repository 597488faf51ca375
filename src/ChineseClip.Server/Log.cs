namespace ChineseClip.Server;

/// <summary>Everything the server logs: 2000s lifecycle, 2100s requests, 2200s readiness.</summary>
internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Information, "ChineseClip {Version} listens on {Address} with roles {Roles}; silo {Silo}")]
    public static partial void Started(this ILogger logger, string version, string address, string roles, string silo);

    [LoggerMessage(2002, LogLevel.Information, "Stopping")]
    public static partial void Stopping(this ILogger logger);

    [LoggerMessage(2003, LogLevel.Warning, "The others have counted this silo out, its shards are theirs; it ends and joins as a new one: {Reason}")]
    public static partial void Evicted(this ILogger logger, Exception? exception, string reason);

    [LoggerMessage(2004, LogLevel.Warning, "Joined the cluster again, as a new silo")]
    public static partial void Rejoined(this ILogger logger);

    [LoggerMessage(2101, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(2102, LogLevel.Debug, "{Path} was given up by its caller ({Exception})")]
    public static partial void RequestAborted(this ILogger logger, string path, string exception);

    [LoggerMessage(2201, LogLevel.Warning, "Not ready after {Elapsed}: {Reasons}")]
    public static partial void NotReady(this ILogger logger, TimeSpan elapsed, string reasons);
}
