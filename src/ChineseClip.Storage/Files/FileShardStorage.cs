using System.Collections.Concurrent;

namespace ChineseClip.Storage.Files;

// Layout below the root:
//   LOCK                                held exclusively while the storage is open
//   documents/<name>.doc                one document (DocumentFormat)
//   shards/<key>/LEASE                  the epoch, as a document whose version it is
//   shards/<key>/<first lsn>.log        segments (SegmentHeader, then records)
//   shards/<key>.deleted                a shard being removed; gone at the next open
//   *.tmp                               never complete; gone at the next open
//
// The lock makes this process the only writer, so the lease is compared and raised here, under a gate per shard. Opening a shard again fences the
// older handle, waits for the group it is writing, and only then recovers: what the older handle acknowledged is in the log the newer one reads.

/// <summary>Shard logs and documents in files below one root directory, for one process. See the note above this type.</summary>
public sealed class FileShardStorage : IShardStorage
{
    private const string LeaseName = "LEASE";

    private const string DeletedSuffix = ".deleted";

    private readonly IFileSystem _fileSystem;

    private readonly FileStorageOptions _options;

    private readonly IDisposable _lock;

    private readonly FileDocumentStore _documents;

    private readonly string _shards;

    private readonly ConcurrentDictionary<string, ShardSlot> _slots = new(StringComparer.Ordinal);

    private bool _disposed;

    private FileShardStorage(IFileSystem fileSystem, FileStorageOptions options, IDisposable rootLock)
    {
        _fileSystem = fileSystem;
        _options = options;
        _lock = rootLock;
        _shards = Path.Combine(options.Directory, "shards");
        fileSystem.CreateDirectory(_shards);
        _documents = FileDocumentStore.Open(fileSystem, Path.Combine(options.Directory, "documents"));
        foreach (string name in fileSystem.ListDirectories(_shards).Where(name => name.EndsWith(DeletedSuffix, StringComparison.Ordinal)))
        {
            fileSystem.DeleteDirectory(Path.Combine(_shards, name));
        }

        fileSystem.SyncDirectory(_shards);
        fileSystem.SyncDirectory(options.Directory);
    }

    public IDocumentStore Documents => _documents;

    /// <summary>Opens or creates the storage below a directory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="StorageException">Locked by another process, Corrupt, or Unavailable.</exception>
    public static FileShardStorage Open(FileStorageOptions options) => Open(options, new PhysicalFileSystem());

    internal static FileShardStorage Open(FileStorageOptions options, IFileSystem fileSystem)
    {
        Check(options);
        options = options with { Directory = Path.GetFullPath(options.Directory) };
        IDisposable? rootLock = null;
        try
        {
            CreateRoot(fileSystem, options.Directory);
            rootLock = TakeLock(fileSystem, options.Directory);
            return new FileShardStorage(fileSystem, options, rootLock);
        }
        catch (Exception exception)
        {
            rootLock?.Dispose();
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

            await Task.Run(() => Delete(slot.Directory), CancellationToken.None).ConfigureAwait(false);
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
        _lock.Dispose();
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

    private ShardSlot SlotOf(string shardKey)
    {
        string directory = Path.Combine(_shards, StoredName.ToFileName(shardKey, nameof(shardKey)));
        return _slots.GetOrAdd(shardKey, key => new ShardSlot(key, directory));
    }

    private FileShardLog OpenLog(ShardSlot slot, CancellationToken cancellationToken)
    {
        if (!_fileSystem.DirectoryExists(slot.Directory))
        {
            _fileSystem.CreateDirectory(slot.Directory);
        }

        _fileSystem.SyncDirectory(_shards);
        AtomicFile.RemoveTemporaries(_fileSystem, slot.Directory);
        long epoch = TakeLease(slot);
        RecoveredLog log = new LogRecovery(_fileSystem, slot.Directory, slot.ShardKey, epoch).Run(cancellationToken);
        return new FileShardLog(_fileSystem, _options, slot.Directory, (slot.ShardKey, epoch), log);
    }

    private long TakeLease(ShardSlot slot)
    {
        string path = Path.Combine(slot.Directory, LeaseName);
        long epoch = 0;
        if (_fileSystem.FileExists(path))
        {
            StoredDocument lease = DocumentFormat.Decode(AtomicFile.ReadAll(_fileSystem, path), path);
            if (lease.Name != slot.ShardKey)
            {
                throw MediumErrors.Corrupt(path, 0, $"it is the lease of shard '{lease.Name}', not '{slot.ShardKey}'.");
            }

            epoch = lease.Version;
        }
        else if (Segment.Find(_fileSystem, slot.Directory) is [var segment, ..])
        {
            throw MediumErrors.Corrupt(path, 0, $"the lease is missing beside '{segment.Path}'.");
        }

        AtomicFile.Replace(_fileSystem, path, DocumentFormat.Encode(new StoredDocument(slot.ShardKey, epoch + 1, default)));
        return epoch + 1;
    }

    private void Delete(string directory)
    {
        if (!_fileSystem.DirectoryExists(directory))
        {
            return;
        }

        string doomed = directory + DeletedSuffix;
        if (_fileSystem.DirectoryExists(doomed))
        {
            _fileSystem.DeleteDirectory(doomed);
        }

        // The rename is the deletion; what follows only frees the space, and the next open finishes it if it is cut short.
        _fileSystem.MoveDirectory(directory, doomed);
        _fileSystem.SyncDirectory(_shards);
        _fileSystem.DeleteDirectory(doomed);
    }

    /// <summary>What this process knows of one shard.</summary>
    private sealed class ShardSlot(string shardKey, string directory)
    {
        public string ShardKey => shardKey;

        public string Directory => directory;

        /// <summary>One open or delete at a time.</summary>
        public SemaphoreSlim Gate { get; } = new(1, 1);

        /// <summary>The handle with the newest epoch.</summary>
        public FileShardLog? Log { get; set; }
    }
}
