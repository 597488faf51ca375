using System.Security.Cryptography;
using ChineseClip.Storage.Files;
using ChineseClip.Storage.Snapshots;
using Npgsql;
using NpgsqlTypes;

namespace ChineseClip.Storage.Postgres;

// A file is a row of parts, each naming a chunk by the SHA-256 of its content. Chunks belong to a shard and are stored once, however many
// snapshots name them.
//
// Storing. 1 Hash the files part by part. 2 Under the shard's advisory lock: record the parts, commit, and learn which chunks are missing: from then
// on the others are held. 3 Send the missing ones, a few at a time. Deleting takes the same lock, drops the parts and then every chunk that no
// part names; so it either runs before step 2, and the chunk counts as missing, or after it, and the chunk is held.
// Memory: a few chunks, whatever the size of the snapshot.

/// <summary>Files of snapshots in the database, and copies in the local cache. See the note above this type.</summary>
internal sealed class DatabaseContent(PostgresDatabase database, SnapshotCache cache, IFileSystem fileSystem) : ISnapshotContent
{
    private const int ChunkBytes = 1 << 20;

    private const int ChunksPerStatement = 4;

    public string CreateWorkDirectory(string shardKey) => cache.CreateWorkDirectory(shardKey);

    public void Discard(string workDirectory) => cache.Discard(workDirectory);

    public async Task StoreAsync(SnapshotPlace place, string workDirectory, CancellationToken cancellationToken)
    {
        List<Part> parts = await Task.Run(() => HashAll(place, workDirectory, cancellationToken), cancellationToken).ConfigureAwait(false); // Step 1
        HashSet<string> missing = await RecordAsync(place, parts, cancellationToken).ConfigureAwait(false); // Step 2
        foreach (Part[] some in parts.Where(part => missing.Remove(part.HexHash)).ToList().Chunk(ChunksPerStatement)) // Step 3
        {
            byte[][] contents = await Task.Run(() => some.Select(part => ReadPart(place, workDirectory, part)).ToArray(), cancellationToken)
                .ConfigureAwait(false);
            await using NpgsqlCommand command = database.Command(
                """
                INSERT INTO {schema}.chunk (shard_id, hash, content) SELECT $1, chunk.hash, chunk.content
                FROM unnest($2, $3) AS chunk (hash, content) ON CONFLICT DO NOTHING
                """,
                place.ShardId, some.Select(part => part.Hash).ToArray(), contents);
            _ = await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        cache.Adopt(place, workDirectory);
    }

    public async Task<(string Directory, Action Release)> OpenAsync(SnapshotPlace place, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (cache.TryOpen(place) is { } opened)
            {
                return opened;
            }

            string workDirectory = cache.CreateWorkDirectory(place.Manifest.ShardKey);
            try
            {
                await FetchAsync(place, workDirectory, cancellationToken).ConfigureAwait(false);
                cache.Adopt(place, workDirectory);
            }
            finally
            {
                cache.Discard(workDirectory);
            }
        }
    }

    public async Task DeleteAsync(long shardId, string shardKey, string? snapshotId, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await LockAsync(connection, shardId, cancellationToken).ConfigureAwait(false);
        await using NpgsqlBatch batch = new(connection, transaction);
        batch.BatchCommands.Add(database.BatchCommand(
            """
            DELETE FROM {schema}.snapshot_part p WHERE shard_id = $1 AND NOT EXISTS (
                SELECT 1 FROM {schema}.snapshot s WHERE s.shard_id = p.shard_id AND s.snapshot_id = p.snapshot_id)
            """,
            shardId));
        batch.BatchCommands.Add(database.BatchCommand(
            """
            DELETE FROM {schema}.chunk c WHERE shard_id = $1 AND NOT EXISTS (
                SELECT 1 FROM {schema}.snapshot_part p WHERE p.shard_id = c.shard_id AND p.hash = c.hash)
            """,
            shardId));
        _ = await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        cache.Remove(shardId, shardKey, snapshotId);
    }

    public void Dispose() => cache.Dispose();

    private static byte[] ReadAt(IStorageFile file, long offset)
    {
        byte[] content = new byte[(int)Math.Min(ChunkBytes, file.Length - offset)];
        return file.Read(offset, content) == content.Length
            ? content
            : throw new IOException($"'{file.Path}' became shorter while it was read.");
    }

    private List<Part> HashAll(SnapshotPlace place, string workDirectory, CancellationToken cancellationToken)
    {
        List<Part> parts = [];
        for (int file = 0; file < place.Manifest.Files.Count; file++)
        {
            using IStorageFile opened = fileSystem.Open(SnapshotFiles.PathOf(workDirectory, place.Manifest.Files[file].Name), FileOpening.Read);
            for (int part = 0; (long)part * ChunkBytes < opened.Length; part++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                parts.Add(new Part(file, part, SHA256.HashData(ReadAt(opened, (long)part * ChunkBytes))));
            }
        }

        return parts;
    }

    private byte[] ReadPart(SnapshotPlace place, string workDirectory, Part part)
    {
        string name = place.Manifest.Files[part.File].Name;
        using IStorageFile file = fileSystem.Open(SnapshotFiles.PathOf(workDirectory, name), FileOpening.Read);
        byte[] content = ReadAt(file, (long)part.Number * ChunkBytes);
        return SHA256.HashData(content).AsSpan().SequenceEqual(part.Hash)
            ? content
            : throw new InvalidOperationException($"'{name}' was changed while the snapshot was being published.");
    }

    /// <summary>Records the parts; returns the hashes of the chunks that are not stored yet.</summary>
    private async Task<HashSet<string>> RecordAsync(SnapshotPlace place, List<Part> parts, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await database.Source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await LockAsync(connection, place.ShardId, cancellationToken).ConfigureAwait(false);
        await using (NpgsqlBinaryImporter copy = await connection.BeginBinaryImportAsync(
            database.Sql("COPY {schema}.snapshot_part (shard_id, snapshot_id, file, part, hash) FROM STDIN (FORMAT binary)"), cancellationToken)
            .ConfigureAwait(false))
        {
            foreach (Part part in parts)
            {
                await copy.StartRowAsync(cancellationToken).ConfigureAwait(false);
                await copy.WriteAsync(place.ShardId, NpgsqlDbType.Bigint, cancellationToken).ConfigureAwait(false);
                await copy.WriteAsync(place.Manifest.Id, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
                await copy.WriteAsync(part.File, NpgsqlDbType.Integer, cancellationToken).ConfigureAwait(false);
                await copy.WriteAsync(part.Number, NpgsqlDbType.Integer, cancellationToken).ConfigureAwait(false);
                await copy.WriteAsync(part.Hash, NpgsqlDbType.Bytea, cancellationToken).ConfigureAwait(false);
            }

            _ = await copy.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }

        HashSet<string> missing = new(StringComparer.Ordinal);
        await using (NpgsqlCommand asking = database.Command(
            connection,
            """
            SELECT DISTINCT p.hash FROM {schema}.snapshot_part p WHERE p.shard_id = $1 AND p.snapshot_id = $2 AND NOT EXISTS (
                SELECT 1 FROM {schema}.chunk c WHERE c.shard_id = p.shard_id AND c.hash = p.hash)
            """,
            place.ShardId, place.Manifest.Id))
        await using (NpgsqlDataReader rows = await asking.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false))
        {
            while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                _ = missing.Add(Convert.ToHexString(rows.GetFieldValue<byte[]>(0)));
            }
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return missing;
    }

    private async Task FetchAsync(SnapshotPlace place, string workDirectory, CancellationToken cancellationToken)
    {
        for (int file = 0; file < place.Manifest.Files.Count; file++)
        {
            SnapshotFile wanted = place.Manifest.Files[file];
            string path = SnapshotFiles.PathOf(workDirectory, wanted.Name);
            fileSystem.CreateDirectory(Path.GetDirectoryName(path)!);
            if (cache.TryFindSame(place, wanted) is not { } same || !HardLink.TryCreate(same, path))
            {
                await FetchFileAsync(place, file, path, cancellationToken).ConfigureAwait(false);
            }
        }

        List<SnapshotFile> fetched = await Task.Run(
            () => SnapshotFiles.SyncAll(fileSystem, workDirectory, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (place.Manifest.Files.Except(fetched).FirstOrDefault() is { } damaged)
        {
            throw Corrupt(place, damaged.Name, 0, "its checksum does not match the description");
        }
    }

    private async Task FetchFileAsync(SnapshotPlace place, int file, string path, CancellationToken cancellationToken)
    {
        string name = place.Manifest.Files[file].Name;
        long length = place.Manifest.Files[file].Bytes;
        using IStorageFile target = fileSystem.Open(path, FileOpening.Create);
        long offset = 0;
        for (int part = 0; offset < length;)
        {
            List<(byte[] Hash, byte[] Content)> chunks = await PostgresErrors.RepeatableAsync(
                $"read snapshot {place.Manifest.Id}", () => ReadChunksAsync(place, file, part, cancellationToken)).ConfigureAwait(false);
            if (chunks.Count == 0)
            {
                throw Corrupt(place, name, offset, "a chunk is missing");
            }

            foreach ((byte[] hash, byte[] content) in chunks)
            {
                if (!SHA256.HashData(content).AsSpan().SequenceEqual(hash) || offset + content.Length > length)
                {
                    throw Corrupt(place, name, offset, "a chunk is not what its hash says");
                }

                target.Write(offset, content);
                offset += content.Length;
                part++;
            }
        }
    }

    /// <summary>The next few chunks of a file, without a gap.</summary>
    private async Task<List<(byte[] Hash, byte[] Content)>> ReadChunksAsync(
        SnapshotPlace place, int file, int fromPart, CancellationToken cancellationToken)
    {
        List<(byte[], byte[])> chunks = [];
        await using NpgsqlCommand command = database.Command(
            """
            SELECT p.part, p.hash, c.content FROM {schema}.snapshot_part p JOIN {schema}.chunk c ON c.shard_id = p.shard_id AND c.hash = p.hash
            WHERE p.shard_id = $1 AND p.snapshot_id = $2 AND p.file = $3 AND p.part >= $4 AND p.part < $5 ORDER BY p.part
            """,
            place.ShardId, place.Manifest.Id, file, fromPart, fromPart + ChunksPerStatement);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false) && rows.GetInt32(0) == fromPart + chunks.Count)
        {
            chunks.Add((rows.GetFieldValue<byte[]>(1), rows.GetFieldValue<byte[]>(2)));
        }

        return chunks;
    }

    private async Task LockAsync(NpgsqlConnection connection, long shardId, CancellationToken cancellationToken)
    {
        await using NpgsqlCommand command = database.Command(
            connection, "SELECT pg_advisory_xact_lock(hashtextextended('{schema}.chunk', $1))", shardId);
        _ = await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private StorageException Corrupt(SnapshotPlace place, string name, long offset, string reason)
    {
        string path = $"{database.Options.Schema}.snapshot {place.Manifest.Id} of shard '{place.Manifest.ShardKey}', file '{name}'";
        return new StorageException(StorageError.Corrupt, $"{path} is damaged at byte {offset}: {reason}.", path, offset);
    }

    /// <summary>One piece of one file.</summary>
    private sealed record Part(int File, int Number, byte[] Hash)
    {
        public string HexHash { get; } = Convert.ToHexString(Hash);
    }
}
