using System.Net.Sockets;
using Npgsql;

namespace ChineseClip.Storage.Postgres;

/// <summary>Turns what Npgsql throws into <see cref="StorageException"/>.</summary>
internal static class PostgresErrors
{
    /// <summary>Raised by our own functions when a lease is not the newest any more.</summary>
    public const string FencedState = "CC001";

    public static bool IsDatabaseError(Exception exception) =>
        exception is NpgsqlException or TimeoutException or IOException or SocketException;

    /// <summary>The connection broke, or the server is starting or going down: nothing is known about the statement.</summary>
    public static bool IsConnectionLoss(Exception exception) => exception is NpgsqlException
    {
        SqlState: null or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow,
    };

    public static StorageException Unavailable(string what, Exception cause) => new(
        StorageError.Unavailable,
        $"PostgreSQL could not {what}: {(cause as PostgresException)?.MessageText ?? cause.Message}",
        innerException: cause);

    public static StorageException Corrupt(string path, long lsn, string reason) =>
        new(StorageError.Corrupt, $"{path} is damaged at record {lsn}: {reason}", path, lsn);

    public static StorageException Fenced(string shardKey, long epoch) => new(
        StorageError.Fenced, $"Epoch {epoch} of shard '{shardKey}' may not append: a newer one has been opened, or the shard was deleted.");

    /// <summary>Runs a statement that does nothing twice when repeated: once more when the connection turns out to be dead, as after a restart.</summary>
    public static async Task<T> RepeatableAsync<T>(string what, Func<Task<T>> work)
    {
        try
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (NpgsqlException exception) when (IsConnectionLoss(exception))
            {
                return await work().ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (IsDatabaseError(exception))
        {
            throw Unavailable(what, exception);
        }
    }

    /// <summary>Runs a statement that must not be repeated.</summary>
    public static async Task<T> OnceAsync<T>(string what, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception exception) when (IsDatabaseError(exception))
        {
            throw Unavailable(what, exception);
        }
    }
}
