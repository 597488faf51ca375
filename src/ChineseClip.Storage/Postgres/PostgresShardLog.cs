using ChineseClip.Storage.Appends;
using Npgsql;
using NpgsqlTypes;

namespace ChineseClip.Storage.Postgres;

// Appending. The lease row of the shard carries epoch and last LSN. In the transaction that adds records this row is advanced from the last LSN
// this handle knows to the new one, under the condition that the epoch is still its own. Taking the lease updates the same row; so either the append
// commits first and the new holder sees it, or it finds the newer epoch and everything of it is undone.
//
// A small group is one statement (one round trip). A large one is copied first, in binary, and the lease row is locked only in the last round trip,
// together with the commit: a holder that is frozen in between keeps nobody waiting. Rows of a stale epoch that are copied but not committed do
// not collide with the successor's, because the epoch is part of the key.
//
// A connection lost at the commit: nobody knows whether it took place. Nothing is acknowledged, the handle refuses everything, and the log must be
// opened again, which takes a newer epoch (after which the old transaction can no longer commit) and shows what is there.

/// <summary>A shard log in rows. See the note above this type.</summary>
internal sealed class PostgresShardLog : IShardLog, IGroupWriter
{
    /// <summary>Groups of more records, or bytes, are copied.</summary>
    private const int CopyAboveRecords = 64;

    private const int CopyAboveBytes = 256 << 10;

    private const int DeletedPerStatement = 10_000;

    private readonly PostgresDatabase _database;

    private readonly LogAnnouncer _announcer;

    private readonly ShardRow _lease;

    private readonly LogPages _pages;

    private readonly GroupCommit _appends;

    private long _firstLsn;

    private bool _closed;

    public PostgresShardLog(PostgresDatabase database, LogAnnouncer announcer, string shardKey, ShardRow lease)
    {
        _database = database;
        _announcer = announcer;
        _lease = lease;
        ShardKey = shardKey;
        _firstLsn = lease.FirstLsn;
        _pages = new LogPages(database, shardKey, lease.ShardId);
        AppendLimits limits = new(database.Options.MaxRecordBytes, database.Options.MaxPendingBytes);
        _appends = new GroupCommit(this, limits, shardKey, $"{database.Options.Schema}.log_record", lease.LastLsn);
    }

    public string ShardKey { get; }

    public long FirstLsn => Volatile.Read(ref _firstLsn);

    public long LastLsn => _appends.LastLsn;

    public long Epoch => _lease.Epoch;

    public Task<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken) =>
        _appends.AppendAsync(bodies, cancellationToken);

    public IAsyncEnumerable<LogRecord> ReadAsync(long afterLsn, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterLsn);
        ObjectDisposedException.ThrowIf(_closed, this);
        return _pages.ReadAsync(afterLsn, LastLsn, cancellationToken);
    }

    public async Task TruncateAsync(long throughLsn, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(throughLsn);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(throughLsn, LastLsn);
        _appends.ThrowIfRetired();
        string what = $"truncate the log of shard '{ShardKey}'";

        // The new beginning first: from then on nobody misses the records.
        object? first = await PostgresErrors.OnceAsync(what, async () =>
        {
            await using NpgsqlCommand command = _database.Command(
                "UPDATE {schema}.shard SET first_lsn = greatest(first_lsn, $3) WHERE shard_id = $1 AND epoch = $2 AND NOT deleted RETURNING first_lsn",
                _lease.ShardId, Epoch, throughLsn + 1);
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        Volatile.Write(ref _firstLsn, (long)(first ?? throw PostgresErrors.Fenced(ShardKey, Epoch)));
        await DeleteRecordsAsync(_database, _lease.ShardId, FirstLsn, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        _closed = true;
        await _appends.RetireAsync(
            () => new ObjectDisposedException(nameof(PostgresShardLog), $"The log of shard '{ShardKey}' is closed.")).ConfigureAwait(false);
    }

    /// <summary>Refuses what comes after; what others hold open is fenced by the database.</summary>
    public Task FenceAsync() => _appends.RetireAsync(() => PostgresErrors.Fenced(ShardKey, Epoch));

    /// <summary>Deletes the records before an LSN in small transactions.</summary>
    public static Task DeleteRecordsAsync(PostgresDatabase database, long shardId, long beforeLsn, CancellationToken cancellationToken) =>
        PostgresErrors.OnceAsync("delete records", async () =>
        {
            while (true)
            {
                await using NpgsqlCommand command = database.Command(
                    """
                    DELETE FROM {schema}.log_record WHERE shard_id = $1 AND lsn < least($2,
                        (SELECT lsn FROM {schema}.log_record WHERE shard_id = $1 ORDER BY lsn LIMIT 1) + $3)
                    """,
                    shardId, beforeLsn, (long)DeletedPerStatement);
                if (await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == 0)
                {
                    return true;
                }
            }
        });

    async Task<long> IGroupWriter.WriteAsync(AppendGroup group)
    {
        if (group.Count > CopyAboveRecords || group.Bytes > CopyAboveBytes)
        {
            await CopyAsync(group).ConfigureAwait(false);
        }
        else
        {
            await InsertAsync(group).ConfigureAwait(false);
        }

        long lastLsn = LastLsn + group.Count;
        _announcer.Announce(_lease.ShardId, lastLsn);
        return lastLsn;
    }

    GroupFailure IGroupWriter.Explain(Exception exception)
    {
        if (exception is StorageException { Error: StorageError.Fenced } or PostgresException { SqlState: PostgresErrors.FencedState })
        {
            return new GroupFailure(PostgresErrors.Fenced(ShardKey, Epoch), () => PostgresErrors.Fenced(ShardKey, Epoch));
        }

        _database.Logger.LogFailed(ShardKey, exception);
        return new GroupFailure(
            PostgresErrors.Unavailable($"append to the log of shard '{ShardKey}'", exception),
            () => new StorageException(
                StorageError.Unavailable,
                $"The log of shard '{ShardKey}' takes no records since an append failed ({exception.Message}); it must be opened again.",
                innerException: exception));
    }

    private async Task InsertAsync(AppendGroup group)
    {
        long[] checksums = new long[group.Count];
        ReadOnlyMemory<byte>[] bodies = [.. group.Bodies];
        for (int i = 0; i < bodies.Length; i++)
        {
            checksums[i] = RecordChecksum.OfRecord(_lease.ShardId, LastLsn + 1 + i, Epoch, bodies[i].Span);
        }

        await using NpgsqlCommand command = _database.Command(
            """
            WITH held AS (
                UPDATE {schema}.shard SET last_lsn = $3 + $4
                WHERE shard_id = $1 AND epoch = $2 AND last_lsn = $3 AND NOT deleted RETURNING shard_id)
            INSERT INTO {schema}.log_record (shard_id, lsn, epoch, checksum, body)
            SELECT held.shard_id, $3 + record.place, $2, record.checksum, record.body
            FROM held, unnest($5, $6) WITH ORDINALITY AS record (checksum, body, place)
            """,
            _lease.ShardId, Epoch, LastLsn, (long)bodies.Length, checksums);
        command.Parameters.Add(new NpgsqlParameter { Value = bodies, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });
        if (await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false) == 0)
        {
            throw PostgresErrors.Fenced(ShardKey, Epoch);
        }
    }

    private async Task CopyAsync(AppendGroup group)
    {
        await using NpgsqlConnection connection = await _database.Source.OpenConnectionAsync(CancellationToken.None).ConfigureAwait(false);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(CancellationToken.None).ConfigureAwait(false);
        await using (NpgsqlBinaryImporter copy = await connection.BeginBinaryImportAsync(
            _database.Sql("COPY {schema}.log_record (shard_id, lsn, epoch, checksum, body) FROM STDIN (FORMAT binary)"), CancellationToken.None)
            .ConfigureAwait(false))
        {
            copy.Timeout = _database.Options.StatementTimeout;
            long lsn = LastLsn;
            foreach (ReadOnlyMemory<byte> body in group.Bodies)
            {
                lsn++;
                await copy.StartRowAsync(CancellationToken.None).ConfigureAwait(false);
                await copy.WriteAsync(_lease.ShardId, NpgsqlDbType.Bigint, CancellationToken.None).ConfigureAwait(false);
                await copy.WriteAsync(lsn, NpgsqlDbType.Bigint, CancellationToken.None).ConfigureAwait(false);
                await copy.WriteAsync(Epoch, NpgsqlDbType.Bigint, CancellationToken.None).ConfigureAwait(false);
                long checksum = RecordChecksum.OfRecord(_lease.ShardId, lsn, Epoch, body.Span);
                await copy.WriteAsync(checksum, NpgsqlDbType.Bigint, CancellationToken.None).ConfigureAwait(false);
                await copy.WriteAsync(body, NpgsqlDbType.Bytea, CancellationToken.None).ConfigureAwait(false);
            }

            await copy.CompleteAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await using NpgsqlBatch last = new(connection, transaction);
        last.BatchCommands.Add(_database.BatchCommand(
            "SELECT {schema}.advance_log($1, $2, $3, $4)", _lease.ShardId, Epoch, LastLsn, LastLsn + group.Count));
        last.BatchCommands.Add(new NpgsqlBatchCommand("COMMIT"));
        await last.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
    }
}
