using System.Runtime.CompilerServices;
using Npgsql;

namespace ChineseClip.Storage.Postgres;

/// <summary>Reads the records of one log in pages, so that no transaction stays open while they are used.</summary>
internal sealed class LogPages(PostgresDatabase database, string shardKey, long shardId)
{
    private const int PageRows = 1024;

    private const int PageBytes = 4 << 20;

    /// <summary>Says where a record is, in messages.</summary>
    private string Path => $"{database.Options.Schema}.log_record of shard '{shardKey}'";

    /// <summary>The records in (afterLsn, lastLsn], each checked.</summary>
    public async IAsyncEnumerable<LogRecord> ReadAsync(
        long afterLsn, long lastLsn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (long after = afterLsn; after < lastLsn;)
        {
            List<LogRecord> page = await PostgresErrors.RepeatableAsync(
                $"read the log of shard '{shardKey}'", () => ReadPageAsync(after, lastLsn, cancellationToken)).ConfigureAwait(false);
            if (page.Count == 0 || page[0].Lsn != after + 1)
            {
                throw await MissingAsync(after + 1, cancellationToken).ConfigureAwait(false);
            }

            foreach (LogRecord record in page)
            {
                yield return record;
            }

            after = page[^1].Lsn;
        }
    }

    private async Task<List<LogRecord>> ReadPageAsync(long afterLsn, long lastLsn, CancellationToken cancellationToken)
    {
        List<LogRecord> page = [];
        await using NpgsqlCommand command = database.Command(
            """
            SELECT lsn, epoch, checksum, body FROM (
                SELECT *, sum(octet_length(body)) OVER (ORDER BY lsn) - octet_length(body) AS bytes_before
                FROM {schema}.log_record WHERE shard_id = $1 AND lsn > $2 AND lsn <= $3) AS page
            WHERE bytes_before < $4 ORDER BY lsn
            """,
            shardId, afterLsn, Math.Min(lastLsn, afterLsn + PageRows), (long)PageBytes);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            long lsn = rows.GetInt64(0);
            byte[] body = rows.GetFieldValue<byte[]>(3);
            if (page.Count > 0 && lsn != page[^1].Lsn + 1)
            {
                throw PostgresErrors.Corrupt(Path, page[^1].Lsn + 1, $"record {lsn} follows record {page[^1].Lsn}.");
            }

            if (RecordChecksum.OfRecord(shardId, lsn, rows.GetInt64(1), body) != rows.GetInt64(2))
            {
                throw PostgresErrors.Corrupt(Path, lsn, "its checksum does not match.");
            }

            page.Add(new LogRecord(lsn, body));
        }

        return page;
    }

    private Task<StorageException> MissingAsync(long lsn, CancellationToken cancellationToken) => PostgresErrors.RepeatableAsync(
        $"read the log of shard '{shardKey}'",
        async () =>
        {
            await using NpgsqlCommand command = database.Command(
                "SELECT first_lsn FROM {schema}.shard WHERE shard_id = $1 AND NOT deleted", shardId);
            object? first = await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            return first switch
            {
                null => new StorageException(StorageError.Fenced, $"Shard '{shardKey}' has been deleted."),
                long firstLsn when firstLsn > lsn => new StorageException(
                    StorageError.Corrupt, $"Record {lsn} of shard '{shardKey}' has been truncated away; the log begins with {firstLsn}.", Path, lsn),
                _ => PostgresErrors.Corrupt(Path, lsn, "it is missing."),
            };
        });
}
