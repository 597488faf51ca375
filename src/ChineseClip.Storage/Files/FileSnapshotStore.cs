using System.Collections.Concurrent;
using System.Security.Cryptography;
using ChineseClip.Storage.Snapshots;

namespace ChineseClip.Storage.Files;

// Layout below the snapshot root:
//   <key>/<random>.tmp/                 a work directory; gone at the next open
//   <key>/<id>/                         a snapshot: its files, and
//   <key>/<id>/SNAPSHOT                 its description (DocumentFormat around SnapshotManifest)
//   <key>/<id>/SNAPSHOT.deleted         instead, when it was deleted while somebody had it open; gone at the next open
//   <key>/<id>.deleted/                 being removed; gone at the next open
//
// Publishing. 1 Sync every file and take its checksum. 2 Write the description beside them. 3 Sync the directories. 4 Under the shard's gate:
// compare the epoch with the lease, rename the work directory to its id, sync the parent. The rename is the publication; opening the shard's log
// takes the same gate, so a stale holder cannot slip in behind a newer lease.

/// <summary>Snapshots as directories. See the note above this type.</summary>
internal sealed class FileSnapshotStore : ISnapshotStore
{
    private const string ManifestName = "SNAPSHOT";

    private const string DeletedSuffix = ".deleted";

    private readonly IFileSystem _fileSystem;

    private readonly string _root;

    private readonly Func<string, ShardSlot> _slotOf;

    private readonly Lock _gate = new();

    /// <summary>How often each snapshot directory is open.</summary>
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);

    /// <summary>Directories in which a rename may not be durable because the sync after it failed; not listed until they have been synced.</summary>
    private readonly ConcurrentDictionary<string, bool> _unsynced = new(StringComparer.Ordinal);

    private FileSnapshotStore(IFileSystem fileSystem, string root, Func<string, ShardSlot> slotOf)
    {
        _fileSystem = fileSystem;
        _root = root;
        _slotOf = slotOf;
    }

    /// <summary>Removes what earlier runs left unfinished, and makes durable what they left published.</summary>
    /// <param name="fileSystem">Where.</param>
    /// <param name="root">Exists; this process alone uses it.</param>
    /// <param name="slotOf">Gives the gate of a shard.</param>
    public static FileSnapshotStore Open(IFileSystem fileSystem, string root, Func<string, ShardSlot> slotOf)
    {
        foreach (string shard in fileSystem.ListDirectories(root))
        {
            string directory = Path.Combine(root, shard);
            foreach (string name in fileSystem.ListDirectories(directory))
            {
                string path = Path.Combine(directory, name);
                if (name.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal)
                    || name.EndsWith(DeletedSuffix, StringComparison.Ordinal)
                    || fileSystem.FileExists(Path.Combine(path, ManifestName + DeletedSuffix)))
                {
                    fileSystem.DeleteDirectory(path);
                }
            }

            fileSystem.SyncDirectory(directory);
        }

        fileSystem.SyncDirectory(root);
        return new FileSnapshotStore(fileSystem, root, slotOf);
    }

    public string CreateWorkDirectory(string shardKey)
    {
        string path = Path.Combine(
            DirectoryOf(shardKey), RandomNumberGenerator.GetHexString(16, lowercase: true) + AtomicFile.TemporarySuffix);
        try
        {
            _fileSystem.CreateDirectory(path);
            return path;
        }
        catch (Exception exception) when (MediumErrors.IsMediumError(exception))
        {
            throw MediumErrors.Unavailable("create", path, exception);
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
        string directory = DirectoryOf(shardKey);
        if (Path.GetDirectoryName(workDirectory) != directory || !workDirectory.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{workDirectory}' is not a work directory of shard '{shardKey}'.", nameof(workDirectory));
        }

        SnapshotId id = SnapshotId.Create(epoch, lsn);
        bool published = false;
        try
        {
            SnapshotManifest manifest = await Task.Run(
                () => Seal(shardKey, id, workDirectory, properties, cancellationToken), cancellationToken).ConfigureAwait(false);
            ShardSlot slot = _slotOf(shardKey);
            await slot.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await Task.Run(() => Publish(slot, id, directory, workDirectory), CancellationToken.None).ConfigureAwait(false);
                published = true;
            }
            finally
            {
                slot.Gate.Release();
            }

            return manifest.Describe();
        }
        catch (Exception exception) when (MediumErrors.IsMediumError(exception))
        {
            throw MediumErrors.Unavailable("publish the snapshot in", workDirectory, exception);
        }
        finally
        {
            if (!published)
            {
                Discard(workDirectory);
            }
        }
    }

    public Task<IReadOnlyList<SnapshotDescription>> ListAsync(string shardKey, CancellationToken cancellationToken)
    {
        string directory = DirectoryOf(shardKey);
        return RunAsync<IReadOnlyList<SnapshotDescription>>("list the snapshots in", directory, List, cancellationToken);

        List<SnapshotDescription> List()
        {
            SyncWhenNeeded(directory);
            return _fileSystem.DirectoryExists(directory)
                ? SnapshotManifest.NewestFirst(
                    _fileSystem.ListDirectories(directory).Select(name => TryDescribe(shardKey, directory, name)).OfType<SnapshotDescription>())
                : [];
        }
    }

    public Task<OpenedSnapshot> OpenAsync(string shardKey, string snapshotId, CancellationToken cancellationToken)
    {
        string path = PathOf(shardKey, snapshotId);
        return RunAsync("open the snapshot in", path, Open, cancellationToken);

        OpenedSnapshot Open()
        {
            Hold(path);
            try
            {
                SyncWhenNeeded(Path.GetDirectoryName(path)!);
                if (!IsListed(path))
                {
                    throw NotFound(shardKey, snapshotId, path);
                }

                SnapshotManifest manifest = ReadManifest(shardKey, snapshotId, path);
                SnapshotFiles.CheckLengths(_fileSystem, path, manifest);
                return new OpenedSnapshot(
                    manifest.Describe(),
                    path,
                    (prefix, token) => Task.Run(() => SnapshotFiles.Verify(_fileSystem, path, manifest, prefix, token), token),
                    () => Release(path));
            }
            catch
            {
                Release(path);
                throw;
            }
        }
    }

    public Task DeleteAsync(string shardKey, string snapshotId, CancellationToken cancellationToken)
    {
        string path = PathOf(shardKey, snapshotId);
        return RunAsync("delete the snapshot in", path, Delete, cancellationToken);

        bool Delete()
        {
            SyncWhenNeeded(Path.GetDirectoryName(path)!);
            lock (_gate)
            {
                if (!IsListed(path))
                {
                    return false;
                }

                if (_open.ContainsKey(path))
                {
                    string manifest = Path.Combine(path, ManifestName);
                    _fileSystem.MoveFile(manifest, manifest + DeletedSuffix);
                    _fileSystem.SyncDirectory(path);
                    return true;
                }
            }

            Remove(path);
            return true;
        }
    }

    /// <summary>Removes all snapshots of a shard; the caller holds its gate.</summary>
    public void DeleteAll(string shardKey)
    {
        string directory = DirectoryOf(shardKey);
        if (_fileSystem.DirectoryExists(directory))
        {
            _fileSystem.DeleteDirectory(directory);
            _fileSystem.SyncDirectory(_root);
        }
    }

    private static StorageException NotFound(string shardKey, string snapshotId, string path) =>
        new(StorageError.NotFound, $"Shard '{shardKey}' has no snapshot '{snapshotId}'.", path);

    /// <summary>Steps 1 to 3 of publishing.</summary>
    private SnapshotManifest Seal(
        string shardKey,
        SnapshotId id,
        string workDirectory,
        IReadOnlyDictionary<string, string> properties,
        CancellationToken cancellationToken)
    {
        if (_fileSystem.FileExists(Path.Combine(workDirectory, ManifestName)))
        {
            throw new ArgumentException($"'{workDirectory}' holds a file '{ManifestName}'; the name is taken.", nameof(workDirectory));
        }

        SnapshotManifest manifest = new()
        {
            Format = SnapshotManifest.CurrentFormat,
            Id = id.ToString(),
            ShardKey = shardKey,
            Lsn = id.Lsn,
            Epoch = id.Epoch,
            CreatedAt = id.CreatedAt,
            Properties = new Dictionary<string, string>(properties, StringComparer.Ordinal),
            Files = SnapshotFiles.SyncAll(_fileSystem, workDirectory, cancellationToken), // Step 1
        };
        AtomicFile.Replace( // Steps 2, 3
            _fileSystem,
            Path.Combine(workDirectory, ManifestName),
            DocumentFormat.Encode(new StoredDocument(manifest.Id, manifest.Format, manifest.Encode())));
        return manifest;
    }

    /// <summary>Step 4 of publishing.</summary>
    private void Publish(ShardSlot slot, SnapshotId id, string directory, string workDirectory)
    {
        long newest = LeaseFile.Read(_fileSystem, slot);
        if (newest != id.Epoch)
        {
            throw new StorageException(
                StorageError.Fenced, $"Epoch {id.Epoch} of shard '{slot.ShardKey}' may not publish a snapshot: the newest is {newest}.", directory);
        }

        _unsynced[directory] = true;
        _fileSystem.MoveDirectory(workDirectory, Path.Combine(directory, id.ToString()));
        SyncWhenNeeded(directory);
    }

    private void SyncWhenNeeded(string directory)
    {
        if (_unsynced.ContainsKey(directory))
        {
            // The shard's own directory may be new, too.
            _fileSystem.SyncDirectory(directory);
            _fileSystem.SyncDirectory(_root);
            _ = _unsynced.TryRemove(directory, out _);
        }
    }

    private bool IsListed(string path) =>
        _fileSystem.DirectoryExists(path) && !_fileSystem.FileExists(Path.Combine(path, ManifestName + DeletedSuffix));

    /// <summary>Null when the directory is not that of a snapshot.</summary>
    private SnapshotDescription? TryDescribe(string shardKey, string directory, string name)
    {
        string path = Path.Combine(directory, name);
        if (!SnapshotId.TryParse(name, out SnapshotId? id) || !IsListed(path))
        {
            return null;
        }

        try
        {
            return ReadManifest(shardKey, name, path).Describe();
        }
        catch (StorageException exception) when (exception.Error is StorageError.Corrupt or StorageError.Incompatible)
        {
            return new SnapshotDescription(name, shardKey, id!.Lsn, id.Epoch, id.CreatedAt, 0, new Dictionary<string, string>());
        }
    }

    private SnapshotManifest ReadManifest(string shardKey, string snapshotId, string directory)
    {
        string path = Path.Combine(directory, ManifestName);
        if (!_fileSystem.FileExists(path))
        {
            throw MediumErrors.Corrupt(path, 0, $"it is missing from snapshot {snapshotId}.");
        }

        StoredDocument document = DocumentFormat.Decode(AtomicFile.ReadAll(_fileSystem, path), path);
        SnapshotManifest manifest = SnapshotManifest.Decode(document.Content.Span, path);
        return manifest.Id == snapshotId && manifest.ShardKey == shardKey
            ? manifest
            : throw MediumErrors.Corrupt(path, 0, $"it describes snapshot '{manifest.Id}' of shard '{manifest.ShardKey}'.");
    }

    private void Hold(string path)
    {
        lock (_gate)
        {
            _open[path] = _open.GetValueOrDefault(path) + 1;
        }
    }

    private void Release(string path)
    {
        lock (_gate)
        {
            if (--_open[path] > 0)
            {
                return;
            }

            _ = _open.Remove(path);
            if (!_fileSystem.FileExists(Path.Combine(path, ManifestName + DeletedSuffix)))
            {
                return;
            }
        }

        try
        {
            Remove(path);
        }
        catch (Exception exception) when (MediumErrors.IsMediumError(exception))
        {
            // It is deleted all the same; the next open of the storage frees the space.
        }
    }

    private void Remove(string path)
    {
        _fileSystem.MoveDirectory(path, path + DeletedSuffix);
        _fileSystem.SyncDirectory(Path.GetDirectoryName(path)!);
        _fileSystem.DeleteDirectory(path + DeletedSuffix);
    }

    private void Discard(string workDirectory)
    {
        try
        {
            if (_fileSystem.DirectoryExists(workDirectory))
            {
                _fileSystem.DeleteDirectory(workDirectory);
            }
        }
        catch (Exception exception) when (MediumErrors.IsMediumError(exception))
        {
            // The next open of the storage removes it.
        }
    }

    private string DirectoryOf(string shardKey) => Path.Combine(_root, StoredName.ToFileName(shardKey, nameof(shardKey)));

    private string PathOf(string shardKey, string snapshotId)
    {
        string directory = DirectoryOf(shardKey);
        return SnapshotId.TryParse(snapshotId, out _)
            ? Path.Combine(directory, snapshotId)
            : throw NotFound(shardKey, snapshotId, directory);
    }

    private static async Task<T> RunAsync<T>(string what, string path, Func<T> work, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(work, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (MediumErrors.IsMediumError(exception))
        {
            throw MediumErrors.Unavailable(what, path, exception);
        }
    }
}
