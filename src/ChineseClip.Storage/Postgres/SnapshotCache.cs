using System.Security.Cryptography;
using ChineseClip.Storage.Files;
using ChineseClip.Storage.Snapshots;

namespace ChineseClip.Storage.Postgres;

// Layout: <root>/<n>/LOCK, held by one process, n being the first free number, so that processes may share the root and find their files again;
// <root>/<n>/<shard key>.<shard id>/<snapshot id>/… with the description beside the files as SNAPSHOT; *.tmp is never complete.

/// <summary>Local copies of snapshots that are kept in the database. See the note above this type.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class SnapshotCache : IDisposable
{
    private const string ManifestName = "SNAPSHOT";

    private const int MostPlaces = 1000;

    private readonly IFileSystem _fileSystem;

    private readonly string _root;

    private readonly IDisposable _lock;

    private readonly long _maxBytes;

    private readonly Lock _gate = new();

    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);

    private SnapshotCache(IFileSystem fileSystem, string root, IDisposable rootLock, long maxBytes)
    {
        _fileSystem = fileSystem;
        _root = root;
        _lock = rootLock;
        _maxBytes = maxBytes;
        foreach (string shard in fileSystem.ListDirectories(root))
        {
            string directory = Path.Combine(root, shard);
            foreach (string name in fileSystem.ListDirectories(directory))
            {
                if (name.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal))
                {
                    fileSystem.DeleteDirectory(Path.Combine(directory, name));
                }
            }
        }
    }

    /// <summary>Takes the first place below the directory that no other process holds.</summary>
    /// <exception cref="StorageException">Unavailable.</exception>
    public static SnapshotCache Open(IFileSystem fileSystem, string directory, long maxBytes)
    {
        Exception? last = null;
        for (int place = 0; place < MostPlaces; place++)
        {
            string root = Path.Combine(Path.GetFullPath(directory), $"{place}");
            try
            {
                fileSystem.CreateDirectory(root);
                IDisposable rootLock = fileSystem.Lock(Path.Combine(root, "LOCK"));
                return new SnapshotCache(fileSystem, root, rootLock, maxBytes);
            }
            catch (Exception exception) when (MediumErrors.IsMediumError(exception))
            {
                last = exception; // held by another process, or not writable: the next number tells
                if (exception is UnauthorizedAccessException || !fileSystem.DirectoryExists(root))
                {
                    break;
                }
            }
        }

        throw MediumErrors.Unavailable("use the cache directory", directory, last!);
    }

    public string CreateWorkDirectory(string shardKey)
    {
        string path = Path.Combine(
            _root, "work." + StoredName.ToFileName(shardKey, nameof(shardKey)),
            RandomNumberGenerator.GetHexString(16, lowercase: true) + AtomicFile.TemporarySuffix);
        _fileSystem.CreateDirectory(path);
        return path;
    }

    /// <summary>Gives the directory of a snapshot that is here in full, held until released; null otherwise.</summary>
    public (string Directory, Action Release)? TryOpen(SnapshotPlace place)
    {
        string path = PathOf(place);
        Hold(path);
        try
        {
            if (_fileSystem.DirectoryExists(path))
            {
                SnapshotFiles.CheckLengths(_fileSystem, path, place.Manifest);
                Directory.SetLastWriteTimeUtc(path, DateTime.UtcNow);
                return (path, () => Release(path));
            }
        }
        catch (StorageException exception) when (exception.Error == StorageError.Corrupt)
        {
            // Somebody tampered with the copy; it is fetched again.
            _fileSystem.DeleteDirectory(path);
        }
        catch
        {
            Release(path);
            throw;
        }

        Release(path);
        return null;
    }

    /// <summary>A file of the same length and checksum among the other snapshots of the shard; null when there is none.</summary>
    public string? TryFindSame(SnapshotPlace place, SnapshotFile wanted)
    {
        string shard = Path.GetDirectoryName(PathOf(place))!;
        foreach (string name in _fileSystem.DirectoryExists(shard) ? _fileSystem.ListDirectories(shard) : [])
        {
            string manifest = Path.Combine(shard, name, ManifestName);
            if (SnapshotId.TryParse(name, out _) && _fileSystem.FileExists(manifest))
            {
                StoredDocument document = DocumentFormat.Decode(AtomicFile.ReadAll(_fileSystem, manifest), manifest);
                SnapshotFile? same = SnapshotManifest.Decode(document.Content.Span, manifest).Files
                    .FirstOrDefault(file => file.Bytes == wanted.Bytes && file.Checksum == wanted.Checksum);
                if (same is not null)
                {
                    return SnapshotFiles.PathOf(Path.Combine(shard, name), same.Name);
                }
            }
        }

        return null;
    }

    /// <summary>Makes a complete, synced work directory the copy of a snapshot, and removes copies that are no longer worth their space.</summary>
    public void Adopt(SnapshotPlace place, string workDirectory)
    {
        string path = PathOf(place);
        AtomicFile.Replace(
            _fileSystem,
            Path.Combine(workDirectory, ManifestName),
            DocumentFormat.Encode(new StoredDocument(place.Manifest.Id, place.Manifest.Format, place.Manifest.Encode())));
        _fileSystem.CreateDirectory(Path.GetDirectoryName(path)!);
        lock (_gate)
        {
            if (_fileSystem.DirectoryExists(path))
            {
                _fileSystem.DeleteDirectory(workDirectory); // another call was faster
            }
            else
            {
                _fileSystem.MoveDirectory(workDirectory, path);
            }
        }

        Evict(path);
    }

    public void Remove(long shardId, string shardKey, string? snapshotId)
    {
        string directory = DirectoryOf(shardId, shardKey);
        string path = snapshotId is null ? directory : Path.Combine(directory, snapshotId);
        lock (_gate)
        {
            bool isOpen = _open.Keys.Any(open => open == path || open.StartsWith(path + "/", StringComparison.Ordinal));
            if (!isOpen && _fileSystem.DirectoryExists(path))
            {
                _fileSystem.DeleteDirectory(path);
            }
        }
    }

    public void Discard(string workDirectory)
    {
        if (_fileSystem.DirectoryExists(workDirectory))
        {
            _fileSystem.DeleteDirectory(workDirectory);
        }
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>Drops the least recently used copies beyond the budget: never one that is open, nor the newcomer.</summary>
    private void Evict(string newcomer)
    {
        List<DirectoryInfo> copies =
        [
            .. Directory.EnumerateDirectories(_root).SelectMany(shard => new DirectoryInfo(shard).EnumerateDirectories())
                .Where(copy => SnapshotId.TryParse(copy.Name, out _))
                .OrderByDescending(copy => copy.LastWriteTimeUtc),
        ];
        long kept = 0;
        foreach (DirectoryInfo copy in copies)
        {
            lock (_gate)
            {
                if (_open.ContainsKey(copy.FullName) || copy.FullName == newcomer)
                {
                    continue;
                }

                kept += copy.EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
                if (kept > _maxBytes)
                {
                    copy.Delete(recursive: true);
                }
            }
        }
    }

    private string DirectoryOf(long shardId, string shardKey) =>
        Path.Combine(_root, $"{StoredName.ToFileName(shardKey, nameof(shardKey))}.{shardId}");

    private string PathOf(SnapshotPlace place) => Path.Combine(DirectoryOf(place.ShardId, place.Manifest.ShardKey), place.Manifest.Id);

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
            if (--_open[path] == 0)
            {
                _ = _open.Remove(path);
            }
        }
    }
}
