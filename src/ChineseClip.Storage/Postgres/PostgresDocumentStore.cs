using ChineseClip.Storage.Files;
using Npgsql;

namespace ChineseClip.Storage.Postgres;

/// <summary>Documents, one row each.</summary>
internal sealed class PostgresDocumentStore(PostgresDatabase database) : IDocumentStore
{
    private const string Columns = "name, version, checksum, content";

    private const string NextVersion = "nextval('{schema}.document_version')";

    private const string Insert =
        $"INSERT INTO {{schema}}.document (name, version, checksum, content) VALUES ($1, {NextVersion}, $2, $3)";

    public Task<StoredDocument?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        Check(name);
        return PostgresErrors.RepeatableAsync($"read document '{name}'", async () =>
        {
            await using NpgsqlCommand command = database.Command($"SELECT {Columns} FROM {{schema}}.document WHERE name = $1", name);
            return (await ReadAllAsync(command, cancellationToken).ConfigureAwait(false)).SingleOrDefault();
        });
    }

    public async Task<StoredDocument> WriteAsync(
        string name, ReadOnlyMemory<byte> content, long? expectedVersion, CancellationToken cancellationToken)
    {
        Check(name);
        cancellationToken.ThrowIfCancellationRequested();

        // Each form is one statement, and draws the version when it holds the row.
        string statement = expectedVersion switch
        {
            null => $"{Insert} ON CONFLICT (name) DO UPDATE SET version = {NextVersion}, checksum = excluded.checksum, content = excluded.content",
            0 => $"{Insert} ON CONFLICT (name) DO NOTHING",
            _ => $"UPDATE {{schema}}.document SET version = {NextVersion}, checksum = $2, content = $3 WHERE name = $1 AND version = $4",
        };
        object[] parameters = [name, RecordChecksum.OfDocument(name, content.Span), content];
        long? version = await PostgresErrors.OnceAsync($"write document '{name}'", async () =>
        {
            await using NpgsqlCommand command = database.Command(
                $"{statement} RETURNING version", expectedVersion > 0 ? [.. parameters, expectedVersion] : parameters);
            return (long?)await command.ExecuteScalarAsync(CancellationToken.None).ConfigureAwait(false);
        }).ConfigureAwait(false);

        return version is not null
            ? new StoredDocument(name, version.Value, content.ToArray())
            : throw await ConflictAsync(name, expectedVersion, cancellationToken).ConfigureAwait(false);
    }

    public async Task<bool> DeleteAsync(string name, long? expectedVersion, CancellationToken cancellationToken)
    {
        Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        int deleted = await PostgresErrors.OnceAsync($"delete document '{name}'", async () =>
        {
            await using NpgsqlCommand command = database.Command(
                "DELETE FROM {schema}.document WHERE name = $1 AND $2 IN (-1, version)", name, expectedVersion ?? -1L);
            return await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
        }).ConfigureAwait(false);
        if (deleted == 0 && expectedVersion is not null
            && (expectedVersion > 0 || await ReadAsync(name, cancellationToken).ConfigureAwait(false) is not null))
        {
            throw await ConflictAsync(name, expectedVersion, cancellationToken).ConfigureAwait(false);
        }

        return deleted == 1;
    }

    public Task<IReadOnlyList<StoredDocument>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return PostgresErrors.RepeatableAsync<IReadOnlyList<StoredDocument>>("list documents", async () =>
        {
            await using NpgsqlCommand command = database.Command(
                $"SELECT {Columns} FROM {{schema}}.document WHERE starts_with(name, $1)", prefix);
            List<StoredDocument> documents = await ReadAllAsync(command, cancellationToken).ConfigureAwait(false);
            documents.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
            return documents;
        });
    }

    private static void Check(string name) => _ = StoredName.ToFileName(name, nameof(name));

    private async Task<List<StoredDocument>> ReadAllAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        List<StoredDocument> documents = [];
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            StoredDocument document = new(rows.GetString(0), rows.GetInt64(1), rows.GetFieldValue<byte[]>(3));
            if (RecordChecksum.OfDocument(document.Name, document.Content.Span) != rows.GetInt64(2))
            {
                string path = $"{database.Options.Schema}.document '{document.Name}'";
                throw new StorageException(
                    StorageError.Corrupt, $"{path} version {document.Version} is damaged: its checksum does not match.", path, 0);
            }

            documents.Add(document);
        }

        return documents;
    }

    private async Task<StorageException> ConflictAsync(string name, long? expectedVersion, CancellationToken cancellationToken)
    {
        StoredDocument? current = await ReadAsync(name, cancellationToken).ConfigureAwait(false);
        return new StorageException(
            StorageError.Conflict,
            $"Document '{name}' has version {current?.Version ?? 0}, not the expected {expectedVersion} (0 = absent).");
    }
}
