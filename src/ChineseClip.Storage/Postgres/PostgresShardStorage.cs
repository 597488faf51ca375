using System.Collections.Concurrent;
using ChineseClip.Storage.Files;
using Npgsql;

namespace ChineseClip.Storage.Postgres;

/// <summary>Shard logs, documents and snapshots in PostgreSQL, for any number of processes.</summary>
public sealed class PostgresShardStorage : IShardStorage
{
    private readonly PostgresDatabase _database;

    private readonly ISnapshotContent _content;

    private readonly PostgresSnapshotStore _snapshots;

    private readonly LogAnnouncer _announcer;

    private readonly LogListener _listener;

    /// <summary>The newest handle of each shard in this process.</summary>
    private readonly ConcurrentDictionary<string, PostgresShardLog> _logs = new(StringComparer.Ordinal);

    private int _disposed;

    private PostgresShardStorage(PostgresDatabase database, ISnapshotContent content, IFileSystem fileSystem)
    {
        _database = database;
        _content = content;
        _snapshots = new PostgresSnapshotStore(database, content, fileSystem);
        _announcer = new LogAnnouncer(database);
        _listener = new LogListener(database);
        Documents = new PostgresDocumentStore(database);
    }

    public IDocumentStore Documents { get; }

    public ISnapshotStore Snapshots => _snapshots;

    public bool AllowsReaders => true;

    /// <summary>Connects, and brings the schema to the version of this program.</summary>
    /// <exception cref="ArgumentException">An option is outside its range.</exception>
    /// <exception cref="StorageException">Unavailable, or Incompatible when a newer version of the program made the schema.</exception>
    public static async Task<PostgresShardStorage> OpenAsync(PostgresStorageOptions options, CancellationToken cancellationToken)
    {
        PostgresDatabase database = PostgresDatabase.Create(options);
        try
        {
            PhysicalFileSystem fileSystem = new();
            await PostgresErrors.RepeatableAsync("bring the schema up to date", async () =>
            {
                await PostgresMigrations.ApplyAsync(database.Source, options.Schema, database.Logger, cancellationToken).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
            PostgresShardStorage storage = new(database, OpenContent(database, fileSystem), fileSystem);
            await storage.PurgeAsync(cancellationToken).ConfigureAwait(false);
            return storage;
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task<IShardLog> OpenLogAsync(string shardKey, CancellationToken cancellationToken)
    {
        _ = StoredName.ToFileName(shardKey, nameof(shardKey));
        if (_logs.TryRemove(shardKey, out PostgresShardLog? older))
        {
            await older.FenceAsync().ConfigureAwait(false);
        }

        PostgresShardLog log = await PostgresErrors.RepeatableAsync(
            $"open the log of shard '{shardKey}'",
            async () =>
            {
                ShardRow lease = await TakeLeaseAsync(shardKey, cancellationToken).ConfigureAwait(false);
                await CheckEndsAsync(shardKey, lease, cancellationToken).ConfigureAwait(false);
                return new PostgresShardLog(_database, _announcer, shardKey, lease);
            }).ConfigureAwait(false);
        _logs[shardKey] = log;
        return log;
    }

    public Task<IShardLogReader> OpenReaderAsync(string shardKey, CancellationToken cancellationToken)
    {
        _ = StoredName.ToFileName(shardKey, nameof(shardKey));
        return Task.FromResult<IShardLogReader>(new PostgresLogReader(_database, _listener, shardKey));
    }

    public async Task DeleteShardAsync(string shardKey, CancellationToken cancellationToken)
    {
        _ = StoredName.ToFileName(shardKey, nameof(shardKey));
        if (_logs.TryRemove(shardKey, out PostgresShardLog? log))
        {
            await log.FenceAsync().ConfigureAwait(false);
        }

        // This is the deletion; what follows frees the space, and the next process to start finishes it if it is cut short.
        await PostgresErrors.RepeatableAsync($"delete shard '{shardKey}'", async () =>
        {
            await using NpgsqlCommand command = _database.Command(
                "UPDATE {schema}.shard SET deleted = true WHERE shard_key = $1 AND NOT deleted", shardKey);
            return await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        }).ConfigureAwait(false);
        await PurgeAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks the database for an answer; for health checks.</summary>
    /// <exception cref="StorageException">Unavailable.</exception>
    public Task PingAsync(CancellationToken cancellationToken) => PostgresErrors.RepeatableAsync("answer", async () =>
    {
        await using NpgsqlCommand command = _database.Command("SELECT 1");
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    });

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        foreach (PostgresShardLog log in _logs.Values)
        {
            await log.DisposeAsync().ConfigureAwait(false);
        }

        await _listener.DisposeAsync().ConfigureAwait(false);
        await _announcer.DisposeAsync().ConfigureAwait(false);
        _content.Dispose();
        await _database.DisposeAsync().ConfigureAwait(false);
    }

    private static ISnapshotContent OpenContent(PostgresDatabase database, PhysicalFileSystem fileSystem) =>
        database.Options.SnapshotDirectory is { } shared
            ? new SharedDirectoryContent(database, shared, fileSystem)
            : new DatabaseContent(database, SnapshotCache.Open(fileSystem, database.Options.CacheDirectory, database.Options.MaxCacheBytes), fileSystem);

    private async Task<ShardRow> TakeLeaseAsync(string shardKey, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = _database.Command(
            $$"""
            INSERT INTO {schema}.shard AS held (shard_key, epoch, first_lsn, last_lsn) VALUES ($1, 1, 1, 0)
            ON CONFLICT (shard_key) WHERE NOT deleted DO UPDATE SET epoch = held.epoch + 1 RETURNING {{ShardRow.Columns}}
            """,
            shardKey);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        _ = await rows.ReadAsync(cancellationToken).ConfigureAwait(false);
        return ShardRow.Read(rows);
    }

    /// <summary>The oldest and the newest record are there; what is between is checked as it is read.</summary>
    private async Task CheckEndsAsync(string shardKey, ShardRow lease, CancellationToken cancellationToken)
    {
        if (lease.FirstLsn > lease.LastLsn)
        {
            return;
        }

        LogPages pages = new(_database, shardKey, lease.ShardId);
        foreach (long lsn in new[] { lease.FirstLsn, lease.LastLsn }.Distinct())
        {
            await foreach (LogRecord _ in pages.ReadAsync(lsn - 1, lsn, cancellationToken).ConfigureAwait(false))
            {
                // Reading it is the check.
            }
        }
    }

    /// <summary>Frees what belonged to deleted shards.</summary>
    private async Task PurgeAsync(CancellationToken cancellationToken)
    {
        List<(long ShardId, string ShardKey)> deleted = await PostgresErrors.RepeatableAsync("find deleted shards", async () =>
        {
            List<(long, string)> found = [];
            await using NpgsqlCommand command = _database.Command("SELECT shard_id, shard_key FROM {schema}.shard WHERE deleted");
            await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                found.Add((rows.GetInt64(0), rows.GetString(1)));
            }

            return found;
        }).ConfigureAwait(false);
        foreach ((long shardId, string shardKey) in deleted)
        {
            await _snapshots.DeleteAllAsync(shardId, shardKey, cancellationToken).ConfigureAwait(false);
            await PostgresShardLog.DeleteRecordsAsync(_database, shardId, long.MaxValue, cancellationToken).ConfigureAwait(false);
            await PostgresErrors.OnceAsync($"delete shard '{shardKey}'", async () =>
            {
                await using NpgsqlCommand command = _database.Command("DELETE FROM {schema}.shard WHERE shard_id = $1", shardId);
                return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
    }
}
