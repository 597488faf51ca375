using System.Runtime.CompilerServices;
using Npgsql;

namespace ChineseClip.Storage.Postgres;

/// <summary>Tails a log by reading committed rows up to the last LSN of the lease row.</summary>
internal sealed class PostgresLogReader(PostgresDatabase database, LogListener listener, string shardKey) : IShardLogReader
{
    private static readonly TimeSpan PollForShard = TimeSpan.FromMilliseconds(250);

    /// <summary>Stands for the word of a shard that does not exist yet.</summary>
    private static readonly Task Never = new TaskCompletionSource().Task;

    private long? _shardId;

    public string ShardKey => shardKey;

    public async Task<LogPosition> GetPositionAsync(CancellationToken cancellationToken) =>
        await FindAsync(cancellationToken).ConfigureAwait(false) is { } row
            ? new LogPosition(row.FirstLsn, row.LastLsn, row.Epoch)
            : new LogPosition(1, 0, 0);

    public async IAsyncEnumerable<LogRecord> ReadAsync(long afterLsn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterLsn);
        if (await FindAsync(cancellationToken).ConfigureAwait(false) is not { } row)
        {
            yield break;
        }

        LogPages pages = new(database, shardKey, row.ShardId);
        await foreach (LogRecord record in pages.ReadAsync(afterLsn, row.LastLsn, cancellationToken).ConfigureAwait(false))
        {
            yield return record;
        }
    }

    public async Task WaitAsync(long afterLsn, TimeSpan atMost, CancellationToken cancellationToken)
    {
        long until = Environment.TickCount64 + (long)atMost.TotalMilliseconds;
        while (true)
        {
            // Asked for before looking, so that nothing slips in between. A shard that does not exist yet has no word to wait for.
            Task word = _shardId is { } shardId ? listener.NextAsync(shardId) : Never;
            TimeSpan longest = _shardId is null && database.Options.PollInterval > PollForShard ? PollForShard : database.Options.PollInterval;
            if (await FindAsync(cancellationToken).ConfigureAwait(false) is { } row && row.LastLsn > afterLsn)
            {
                return;
            }

            long left = until - Environment.TickCount64;
            if (left <= 0)
            {
                return;
            }

            TimeSpan poll = TimeSpan.FromMilliseconds(Math.Min(left, longest.TotalMilliseconds));
            await word.WaitAsync(poll, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<ShardRow?> FindAsync(CancellationToken cancellationToken)
    {
        ShardRow? found = await PostgresErrors.RepeatableAsync<ShardRow?>($"find shard '{shardKey}'", async () =>
        {
            await using NpgsqlCommand command = database.Command(
                $"SELECT {ShardRow.Columns} FROM {{schema}}.shard WHERE shard_key = $1 AND NOT deleted", shardKey);
            await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            return await rows.ReadAsync(cancellationToken).ConfigureAwait(false) ? ShardRow.Read(rows) : null;
        }).ConfigureAwait(false);
        if (_shardId is not null && _shardId != found?.ShardId)
        {
            throw new StorageException(StorageError.Fenced, $"Shard '{shardKey}' has been deleted.");
        }

        _shardId = found?.ShardId;
        return found;
    }
}
