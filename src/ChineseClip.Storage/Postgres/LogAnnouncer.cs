using Npgsql;

namespace ChineseClip.Storage.Postgres;

/// <summary>Tells readers, after the commit, that a log has grown.</summary>
/// <remarks>
/// A NOTIFY inside the append's own transaction would make all commits of the database queue up behind one lock. So it is sent beside it, for all
/// logs of this process at once, one at a time, and its loss costs a reader no more than its poll interval. Threads: safe.
/// </remarks>
internal sealed class LogAnnouncer(PostgresDatabase database) : IAsyncDisposable
{
    private readonly Lock _gate = new();

    private Dictionary<long, long> _grown = [];

    private Task? _sending;

    private bool _disposed;

    public void Announce(long shardId, long lastLsn)
    {
        lock (_gate)
        {
            if (!_disposed && database.Options.AnnounceAppends)
            {
                _grown[shardId] = lastLsn;
                _sending ??= Task.Run(SendAsync, CancellationToken.None);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? sending;
        lock (_gate)
        {
            _disposed = true;
            sending = _sending;
        }

        if (sending is not null)
        {
            await sending.ConfigureAwait(false);
        }
    }

    private async Task SendAsync()
    {
        while (true)
        {
            Dictionary<long, long> grown;
            lock (_gate)
            {
                if (_grown.Count == 0)
                {
                    _sending = null;
                    return;
                }

                grown = _grown;
                _grown = [];
            }

            try
            {
                await NotifyAsync([.. grown.Select(log => $"{log.Key}:{log.Value}")]).ConfigureAwait(false);
            }
            catch (Exception exception) when (PostgresErrors.IsDatabaseError(exception))
            {
                database.Logger.NotifyFailed(exception);
            }
        }
    }

    /// <remarks>A notification draws a transaction id, so its commit would wait for the disk; nothing depends on that.</remarks>
    private async Task NotifyAsync(string[] payloads)
    {
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(CancellationToken.None).ConfigureAwait(false);
        await using NpgsqlBatch batch = new(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("BEGIN"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SET LOCAL synchronous_commit TO off"));
        batch.BatchCommands.Add(database.BatchCommand("SELECT pg_notify($1, payload) FROM unnest($2) AS payload", database.Channel, payloads));
        batch.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await batch.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
