using System.Security.Cryptography;
using ChineseClip.Storage.Files;
using ChineseClip.Storage.Snapshots;
using Npgsql;

namespace ChineseClip.Storage.Postgres;

// Layout: <root>/<shard key>.<shard id>/<snapshot id>/…, and <root>/work/<shard key>/<random>.tmp/ for work directories. A shard that is deleted and made
// again has another id. No process owns the root, and another process may have a deleted snapshot open. So files are removed by a later
// publication of the shard, when no description has named them for an hour.

/// <summary>Files of snapshots in a directory that all processes share. See the note above this type.</summary>
internal sealed class SharedDirectoryContent(PostgresDatabase database, string root, IFileSystem fileSystem) : ISnapshotContent
{
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    private readonly string _root = Path.GetFullPath(root);

    public string CreateWorkDirectory(string shardKey)
    {
        string path = Path.Combine(
            _root, "work", StoredName.ToFileName(shardKey, nameof(shardKey)),
            RandomNumberGenerator.GetHexString(16, lowercase: true) + AtomicFile.TemporarySuffix);
        fileSystem.CreateDirectory(path);
        return path;
    }

    public void Discard(string workDirectory) => Remove(workDirectory);

    public async Task StoreAsync(SnapshotPlace place, string workDirectory, CancellationToken cancellationToken)
    {
        string directory = DirectoryOf(place.ShardId, place.Manifest.ShardKey);
        await Task.Run(Move, cancellationToken).ConfigureAwait(false);
        HashSet<string> described = await DescribedAsync(place.ShardId, cancellationToken).ConfigureAwait(false);
        await Task.Run(() => Sweep(directory, described), cancellationToken).ConfigureAwait(false);
        await Task.Run(() => Sweep(Path.GetDirectoryName(workDirectory)!, []), cancellationToken).ConfigureAwait(false);

        void Move()
        {
            fileSystem.CreateDirectory(directory);
            fileSystem.SyncDirectory(_root);
            fileSystem.MoveDirectory(workDirectory, Path.Combine(directory, place.Manifest.Id));
            fileSystem.SyncDirectory(directory);
        }
    }

    public Task<(string Directory, Action Release)> OpenAsync(SnapshotPlace place, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            string directory = Path.Combine(DirectoryOf(place.ShardId, place.Manifest.ShardKey), place.Manifest.Id);
            SnapshotFiles.CheckLengths(fileSystem, directory, place.Manifest);
            return (directory, new Action(() => { }));
        },
        cancellationToken);

    public Task DeleteAsync(long shardId, string shardKey, string? snapshotId, CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            string directory = DirectoryOf(shardId, shardKey);
            if (snapshotId is null)
            {
                Remove(directory);
            }
            else if (Directory.Exists(Path.Combine(directory, snapshotId)))
            {
                Directory.SetLastWriteTimeUtc(Path.Combine(directory, snapshotId), DateTime.UtcNow); // the hour begins
            }
        },
        cancellationToken);

    public void Dispose()
    {
    }

    private static void Sweep(string directory, HashSet<string> described)
    {
        foreach (string path in Directory.EnumerateDirectories(directory))
        {
            if (!described.Contains(Path.GetFileName(path)) && DateTime.UtcNow - Directory.GetLastWriteTimeUtc(path) > Grace)
            {
                Directory.Delete(path, recursive: true);
            }
        }
    }

    private async Task<HashSet<string>> DescribedAsync(long shardId, CancellationToken cancellationToken)
    {
        HashSet<string> ids = new(StringComparer.Ordinal);
        await using NpgsqlCommand command = database.Command("SELECT snapshot_id FROM {schema}.snapshot WHERE shard_id = $1", shardId);
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            _ = ids.Add(rows.GetString(0));
        }

        return ids;
    }

    private string DirectoryOf(long shardId, string shardKey) =>
        Path.Combine(_root, $"{StoredName.ToFileName(shardKey, nameof(shardKey))}.{shardId}");

    private void Remove(string path)
    {
        if (fileSystem.DirectoryExists(path))
        {
            fileSystem.DeleteDirectory(path);
        }
    }
}
