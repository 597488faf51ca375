using System.IO.Hashing;
using ChineseClip.Storage.Files;
using ChineseClip.Storage.Snapshots;
using Npgsql;

namespace ChineseClip.Storage.Postgres;

// Publishing. 1 Sync the files and take their checksums. 2 Insert the description, unpublished. 3 Store the files. 4 In one statement: lock the
// lease row, and set the description published if the epoch is still the newest. What is unpublished and of an older epoch belongs to a
// publisher that is gone, and is removed by the next one.

/// <summary>Snapshots whose descriptions are rows. See the note above this type.</summary>
internal sealed class PostgresSnapshotStore(PostgresDatabase database, ISnapshotContent content, IFileSystem fileSystem) : ISnapshotStore
{
    private const string ShardOfKey = "SELECT shard_id FROM {schema}.shard WHERE shard_key = $1 AND NOT deleted";

    public string CreateWorkDirectory(string shardKey)
    {
        try
        {
            return content.CreateWorkDirectory(shardKey);
        }
        catch (Exception exception) when (MediumErrors.IsMediumError(exception))
        {
            throw MediumErrors.Unavailable("create a work directory in", database.Options.SnapshotDirectory ?? database.Options.CacheDirectory, exception);
        }
    }

    public async Task<SnapshotDescription> PublishAsync(
        string shardKey,
        long epoch,
        long lsn,
        string workDirectory,
        IReadOnlyDictionary<string, string> properties,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lsn);
        ArgumentNullException.ThrowIfNull(properties);
        SnapshotId id = SnapshotId.Create(epoch, lsn);
        long? inserted = null;
        try
        {
            List<SnapshotFile> files = await Task.Run(
                () => SnapshotFiles.SyncAll(fileSystem, workDirectory, cancellationToken), cancellationToken).ConfigureAwait(false); // Step 1
            SnapshotManifest manifest = new()
            {
                Format = SnapshotManifest.CurrentFormat,
                Id = id.ToString(),
                ShardKey = shardKey,
                Lsn = lsn,
                Epoch = epoch,
                CreatedAt = id.CreatedAt,
                Properties = new Dictionary<string, string>(properties, StringComparer.Ordinal),
                Files = files,
            };
            inserted = await InsertAsync(manifest, cancellationToken).ConfigureAwait(false); // Step 2
            await content.StoreAsync(new SnapshotPlace(inserted.Value, manifest), workDirectory, cancellationToken).ConfigureAwait(false); // Step 3
            await PublishAsync(inserted.Value, manifest).ConfigureAwait(false); // Step 4
            inserted = null;
            return manifest.Describe();
        }
        catch (Exception exception) when (PostgresErrors.IsDatabaseError(exception))
        {
            throw PostgresErrors.Unavailable($"publish a snapshot of shard '{shardKey}'", exception);
        }
        catch (Exception exception) when (MediumErrors.IsMediumError(exception))
        {
            throw MediumErrors.Unavailable("publish the snapshot in", workDirectory, exception);
        }
        finally
        {
            await CleanUpAsync(shardKey, id, inserted, workDirectory).ConfigureAwait(false);
        }
    }

    public Task<IReadOnlyList<SnapshotDescription>> ListAsync(string shardKey, CancellationToken cancellationToken) =>
        PostgresErrors.RepeatableAsync<IReadOnlyList<SnapshotDescription>>($"list the snapshots of shard '{shardKey}'", async () =>
        {
            List<SnapshotDescription> found = [];
            await using NpgsqlCommand command = database.Command(
                $"SELECT snapshot_id, checksum, manifest FROM {{schema}}.snapshot WHERE shard_id = ({ShardOfKey}) AND published", shardKey);
            await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (SnapshotId.TryParse(rows.GetString(0), out SnapshotId? id))
                {
                    found.Add(Describe(shardKey, id!, rows.GetInt64(1), rows.GetFieldValue<byte[]>(2)));
                }
            }

            return SnapshotManifest.NewestFirst(found);
        });

    public async Task<OpenedSnapshot> OpenAsync(string shardKey, string snapshotId, CancellationToken cancellationToken)
    {
        SnapshotPlace place = await FindAsync(shardKey, snapshotId, cancellationToken).ConfigureAwait(false)
            ?? throw new StorageException(StorageError.NotFound, $"Shard '{shardKey}' has no snapshot '{snapshotId}'.");
        try
        {
            (string directory, Action release) = await content.OpenAsync(place, cancellationToken).ConfigureAwait(false);
            return new OpenedSnapshot(
                place.Manifest.Describe(),
                directory,
                (prefix, token) => Task.Run(() => SnapshotFiles.Verify(fileSystem, directory, place.Manifest, prefix, token), token),
                release);
        }
        catch (Exception exception) when (MediumErrors.IsMediumError(exception))
        {
            throw MediumErrors.Unavailable($"open snapshot {snapshotId} in", database.Options.CacheDirectory, exception);
        }
    }

    public async Task DeleteAsync(string shardKey, string snapshotId, CancellationToken cancellationToken)
    {
        object? shardId = await PostgresErrors.OnceAsync($"delete snapshot {snapshotId}", async () =>
        {
            await using NpgsqlCommand command = database.Command(
                $"DELETE FROM {{schema}}.snapshot WHERE shard_id = ({ShardOfKey}) AND snapshot_id = $2 RETURNING shard_id", shardKey, snapshotId);
            return await command.ExecuteScalarAsync(CancellationToken.None).ConfigureAwait(false);
        }).ConfigureAwait(false);
        if (shardId is not null)
        {
            await DeleteContentAsync((long)shardId, shardKey, snapshotId, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Removes all that belongs to the snapshots of a shard that is marked deleted.</summary>
    public async Task DeleteAllAsync(long shardId, string shardKey, CancellationToken cancellationToken)
    {
        await PostgresErrors.OnceAsync($"delete the snapshots of shard '{shardKey}'", async () =>
        {
            await using NpgsqlCommand command = database.Command("DELETE FROM {schema}.snapshot WHERE shard_id = $1", shardId);
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        await DeleteContentAsync(shardId, shardKey, null, cancellationToken).ConfigureAwait(false);
    }

    private static long ChecksumOf(byte[] manifest) => unchecked((long)XxHash3.HashToUInt64(manifest));

    private static SnapshotDescription Describe(string shardKey, SnapshotId id, long checksum, byte[] manifest)
    {
        try
        {
            return Decode(shardKey, id.ToString(), checksum, manifest).Describe();
        }
        catch (StorageException exception) when (exception.Error is StorageError.Corrupt or StorageError.Incompatible)
        {
            return new SnapshotDescription(id.ToString(), shardKey, id.Lsn, id.Epoch, id.CreatedAt, 0, new Dictionary<string, string>());
        }
    }

    private static SnapshotManifest Decode(string shardKey, string snapshotId, long checksum, byte[] manifest)
    {
        string path = $"snapshot {snapshotId} of shard '{shardKey}'";
        return ChecksumOf(manifest) == checksum
            ? SnapshotManifest.Decode(manifest, path)
            : throw new StorageException(StorageError.Corrupt, $"The description of {path} is damaged: its checksum does not match.", path, 0);
    }

    /// <summary>Inserts the description, unpublished, and forgets those of publishers that are gone; returns the shard's row.</summary>
    private async Task<long> InsertAsync(SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        byte[] encoded = manifest.Encode();
        await using NpgsqlCommand command = database.Command(
            """
            WITH held AS (
                SELECT shard_id FROM {schema}.shard WHERE shard_key = $1 AND epoch = $2 AND NOT deleted FOR SHARE),
            gone AS (
                DELETE FROM {schema}.snapshot s USING held WHERE s.shard_id = held.shard_id AND NOT s.published AND s.epoch < $2)
            INSERT INTO {schema}.snapshot (shard_id, snapshot_id, epoch, published, checksum, manifest)
            SELECT held.shard_id, $3, $2, false, $4, $5 FROM held RETURNING shard_id
            """,
            manifest.ShardKey, manifest.Epoch, manifest.Id, ChecksumOf(encoded), encoded);
        object? shardId = await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        return shardId is long id ? id : throw Fenced(manifest);
    }

    private async Task PublishAsync(long shardId, SnapshotManifest manifest)
    {
        await using NpgsqlCommand command = database.Command(
            """
            WITH held AS (
                SELECT shard_id FROM {schema}.shard WHERE shard_id = $1 AND epoch = $2 AND NOT deleted FOR SHARE)
            UPDATE {schema}.snapshot s SET published = true FROM held WHERE s.shard_id = held.shard_id AND s.snapshot_id = $3
            """,
            shardId, manifest.Epoch, manifest.Id);
        if (await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false) == 0)
        {
            throw Fenced(manifest);
        }
    }

    private async Task<SnapshotPlace?> FindAsync(string shardKey, string snapshotId, CancellationToken cancellationToken) =>
        await PostgresErrors.RepeatableAsync<SnapshotPlace?>($"open snapshot {snapshotId}", async () =>
        {
            await using NpgsqlCommand command = database.Command(
                $"SELECT shard_id, checksum, manifest FROM {{schema}}.snapshot WHERE shard_id = ({ShardOfKey}) AND snapshot_id = $2 AND published",
                shardKey, snapshotId);
            await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            return await rows.ReadAsync(cancellationToken).ConfigureAwait(false)
                ? new SnapshotPlace(rows.GetInt64(0), Decode(shardKey, snapshotId, rows.GetInt64(1), rows.GetFieldValue<byte[]>(2)))
                : null;
        }).ConfigureAwait(false);

    private async Task DeleteContentAsync(long shardId, string shardKey, string? snapshotId, CancellationToken cancellationToken)
    {
        try
        {
            await content.DeleteAsync(shardId, shardKey, snapshotId, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (PostgresErrors.IsDatabaseError(exception))
        {
            throw PostgresErrors.Unavailable($"delete the files of snapshots of shard '{shardKey}'", exception);
        }
    }

    /// <summary>The work directory is consumed in every case; an unpublished description goes now, or with the next publication.</summary>
    private async Task CleanUpAsync(string shardKey, SnapshotId id, long? unpublished, string workDirectory)
    {
        try
        {
            content.Discard(workDirectory);
            if (unpublished is { } shardId)
            {
                await using NpgsqlCommand command = database.Command(
                    "DELETE FROM {schema}.snapshot WHERE shard_id = $1 AND snapshot_id = $2 AND NOT published", shardId, id.ToString());
                _ = await command.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
                await content.DeleteAsync(shardId, shardKey, id.ToString(), CancellationToken.None).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (PostgresErrors.IsDatabaseError(exception) || MediumErrors.IsMediumError(exception))
        {
            // What failed first is on its way to the caller; the rest is removed later.
        }
    }

    private static StorageException Fenced(SnapshotManifest manifest) => new(
        StorageError.Fenced, $"Epoch {manifest.Epoch} of shard '{manifest.ShardKey}' may not publish a snapshot: it is not the newest, or the shard was deleted.");
}
