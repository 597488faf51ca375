using System.Collections.Concurrent;

namespace ChineseClip.Storage.Files;

// Layout below the root:
//   LOCK                                held exclusively while the storage is open
//   documents/<name>.doc                one document (DocumentFormat)
//   shards/<key>/LEASE                  the epoch, as a document whose version it is
//   shards/<key>/<first lsn>.log        segments (SegmentHeader, then records)
//   shards/<key>.deleted                a shard being removed, with its snapshots; gone at the next open
//   snapshots/                          see FileSnapshotStore; may be placed elsewhere
//   *.tmp                               never complete; gone at the next open
//
// The lock makes this process the only writer, so the lease is compared and raised here, under a gate per shard. Opening a shard again fences the
// older handle, waits for the group it is writing, and only then recovers: what the older handle acknowledged is in the log the newer one reads.

/// <summary>Shard logs and documents in files below one root directory, for one process. See the note above this type.</summary>
public sealed class FileShardStorage : IShardStorage
{
    private const string DeletedSuffix = ".deleted";

    private readonly IFileSystem _fileSystem;

    private readonly FileStorageOptions _options;

    private readonly Stack<IDisposable> _locks;

    private readonly FileDocumentStore _documents;

    private readonly FileSnapshotStore _snapshots;

    private readonly string _shards;

    private readonly ConcurrentDictionary<string, ShardSlot> _slots = new(StringComparer.Ordinal);

    private bool _disposed;

    private FileShardStorage(IFileSystem fileSystem, FileStorageOptions options, Stack<IDisposable> locks)
    {
        _fileSystem = fileSystem;
        _options = options;
        _locks = locks;
        _shards = Path.Combine(options.Directory, "shards");
        fileSystem.CreateDirectory(_shards);
        _documents = FileDocumentStore.Open(fileSystem, Path.Combine(options.Directory, "documents"));
        string snapshots = options.SnapshotDirectory ?? Path.Combine(options.Directory, "snapshots");
        CreateRoot(fileSystem, snapshots);
        foreach (string name in fileSystem.ListDirectories(_shards).Where(name => name.EndsWith(DeletedSuffix, StringComparison.Ordinal)))
        {
            string ofShard = Path.Combine(snapshots, name[..^DeletedSuffix.Length]);
            if (fileSystem.DirectoryExists(ofShard))
            {
                fileSystem.DeleteDirectory(ofShard);
                fileSystem.SyncDirectory(snapshots);
            }

            fileSystem.DeleteDirectory(Path.Combine(_shards, name));
        }

        _snapshots = FileSnapshotStore.Open(fileSystem, snapshots, SlotOf);
        fileSystem.SyncDirectory(_shards);
        fileSystem.SyncDirectory(options.Directory);
    }

    public IDocumentStore Documents => _documents;

    public ISnapshotStore Snapshots => _snapshots;

    public bool AllowsReaders => false;

    /// <summary>Opens or creates the storage below a directory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="StorageException">Locked by another process, Corrupt, or Unavailable.</exception>
    public static FileShardStorage Open(FileStorageOptions options) => Open(options, new PhysicalFileSystem());

    internal static FileShardStorage Open(FileStorageOptions options, IFileSystem fileSystem)
    {
        Check(options);
        options = options with
        {
            Directory = Path.GetFullPath(options.Directory),
            SnapshotDirectory = options.SnapshotDirectory is null ? null : Path.GetFullPath(options.SnapshotDirectory),
        };
        Stack<IDisposable> locks = new();
        try
        {
            CreateRoot(fileSystem, options.Directory);
            locks.Push(TakeLock(fileSystem, options.Directory));
            if (options.SnapshotDirectory is not null)
            {
                CreateRoot(fileSystem, options.SnapshotDirectory);
                locks.Push(TakeLock(fileSystem, options.SnapshotDirectory));
            }

            return new FileShardStorage(fileSystem, options, locks);
        }
        catch (Exception exception)
        {
            Unlock(locks);
            if (MediumErrors.IsMediumError(exception))
            {
                throw MediumErrors.Unavailable("open the storage directory", options.Directory, exception);
            }

            throw;
        }
    }

    public async Task<IShardLog> OpenLogAsync(string shardKey, CancellationToken cancellationToken)
    {
        ShardSlot slot = SlotOf(shardKey);
        await slot.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (slot.Log is not null)
            {
                await slot.Log.FenceAsync().ConfigureAwait(false);
                slot.Log = null;
            }

            slot.Log = await Task.Run(() => OpenLog(slot, cancellationToken), cancellationToken).ConfigureAwait(false);
            return slot.Log;
        }
        catch (Exception exception) when (MediumErrors.IsMediumError(exception))
        {
            throw MediumErrors.Unavailable($"open the log of shard '{shardKey}' in", slot.Directory, exception);
        }
        finally
        {
            slot.Gate.Release();
        }
    }

    public Task<IShardLogReader> OpenReaderAsync(string shardKey, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Storage in files belongs to one process, which holds the logs itself; readers need PostgreSQL.");

    public async Task DeleteShardAsync(string shardKey, CancellationToken cancellationToken)
    {
        ShardSlot slot = SlotOf(shardKey);
        await slot.Gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (slot.Log is not null)
            {
                await slot.Log.FenceAsync().ConfigureAwait(false);
                slot.Log = null;
            }

            await Task.Run(() => Delete(slot), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (MediumErrors.IsMediumError(exception))
        {
            throw MediumErrors.Unavailable($"delete shard '{shardKey}' in", slot.Directory, exception);
        }
        finally
        {
            slot.Gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        foreach (ShardSlot slot in _slots.Values)
        {
            await slot.Gate.WaitAsync().ConfigureAwait(false);
            if (slot.Log is not null)
            {
                await slot.Log.DisposeAsync().ConfigureAwait(false);
            }

            slot.Gate.Release();
        }

        _documents.Dispose();
        Unlock(_locks);
    }

    private static void Check(FileStorageOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Directory);
        ThrowUnlessWithin(options.SegmentBytes, 4 << 10, 1L << 30, nameof(options.SegmentBytes));
        ThrowUnlessWithin(options.MaxRecordBytes, 1, RecordFormat.MaxBodyBytes, nameof(options.MaxRecordBytes));
        ThrowUnlessWithin(options.MaxPendingBytes, options.MaxRecordBytes, long.MaxValue, nameof(options.MaxPendingBytes));
    }

    private static void ThrowUnlessWithin(long value, long least, long most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(name, $"{name} is {value}; must be {least}..{most}.");
        }
    }

    private static void CreateRoot(IFileSystem fileSystem, string directory)
    {
        // Every missing level, each made durable in its parent.
        Stack<string> missing = new();
        for (string? level = directory; level is not null && !fileSystem.DirectoryExists(level); level = Path.GetDirectoryName(level))
        {
            missing.Push(level);
        }

        foreach (string level in missing)
        {
            fileSystem.CreateDirectory(level);
            fileSystem.SyncDirectory(Path.GetDirectoryName(level)!);
        }
    }

    private static IDisposable TakeLock(IFileSystem fileSystem, string directory)
    {
        string path = Path.Combine(directory, "LOCK");
        try
        {
            return fileSystem.Lock(path);
        }
        catch (IOException exception)
        {
            throw new StorageException(
                StorageError.Locked,
                $"The storage directory '{directory}' is in use by another process (it holds '{path}'). Stop it, or choose another directory.",
                path,
                innerException: exception);
        }
    }

    private static void Unlock(Stack<IDisposable> locks)
    {
        while (locks.TryPop(out IDisposable? held))
        {
            held.Dispose();
        }
    }

    private ShardSlot SlotOf(string shardKey)
    {
        string directory = Path.Combine(_shards, StoredName.ToFileName(shardKey, nameof(shardKey)));
        return _slots.GetOrAdd(shardKey, key => new ShardSlot(key, directory));
    }

    private FileShardLog OpenLog(ShardSlot slot, CancellationToken cancellationToken)
    {
        FinishDeletion(slot);
        if (!_fileSystem.DirectoryExists(slot.Directory))
        {
            _fileSystem.CreateDirectory(slot.Directory);
        }

        _fileSystem.SyncDirectory(_shards);
        AtomicFile.RemoveTemporaries(_fileSystem, slot.Directory);
        long epoch = LeaseFile.Take(_fileSystem, slot);
        RecoveredLog log = new LogRecovery(_fileSystem, slot.Directory, slot.ShardKey, epoch).Run(cancellationToken);
        return new FileShardLog(_fileSystem, _options, slot.Directory, (slot.ShardKey, epoch), log);
    }

    private void Delete(ShardSlot slot)
    {
        FinishDeletion(slot);
        if (_fileSystem.DirectoryExists(slot.Directory))
        {
            // The rename is the deletion; what follows only frees the space, and the next open finishes it if it is cut short.
            _fileSystem.MoveDirectory(slot.Directory, slot.Directory + DeletedSuffix);
            _fileSystem.SyncDirectory(_shards);
            FinishDeletion(slot);
        }
    }

    private void FinishDeletion(ShardSlot slot)
    {
        string doomed = slot.Directory + DeletedSuffix;
        if (_fileSystem.DirectoryExists(doomed))
        {
            // The snapshots first: as long as the mark is there they are known to be deleted, too.
            _fileSystem.SyncDirectory(_shards);
            _snapshots.DeleteAll(slot.ShardKey);
            _fileSystem.DeleteDirectory(doomed);
        }
    }
}
