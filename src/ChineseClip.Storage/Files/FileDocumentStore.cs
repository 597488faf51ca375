namespace ChineseClip.Storage.Files;

/// <summary>Documents, one file each.</summary>
/// <remarks>Threads: safe; one operation at a time. The exclusive lock of the root makes the version check race-free across processes.</remarks>
internal sealed class FileDocumentStore : IDocumentStore, IDisposable
{
    private const string Extension = ".doc";

    private readonly IFileSystem _fileSystem;

    private readonly string _directory;

    private readonly SemaphoreSlim _gate = new(1, 1);

    private long _lastVersion;

    /// <summary>A rename or delete may not be durable yet because syncing the directory failed; nothing is answered until it has been synced.</summary>
    private bool _directoryUnsynced;

    private FileDocumentStore(IFileSystem fileSystem, string directory)
    {
        _fileSystem = fileSystem;
        _directory = directory;
    }

    public static FileDocumentStore Open(IFileSystem fileSystem, string directory)
    {
        fileSystem.CreateDirectory(directory);
        AtomicFile.RemoveTemporaries(fileSystem, directory);

        // What is found may be younger than its last sync (a killed process): make the names durable before anyone relies on them.
        fileSystem.SyncDirectory(directory);
        FileDocumentStore store = new(fileSystem, directory);
        foreach (StoredDocument document in store.List(string.Empty))
        {
            store._lastVersion = Math.Max(store._lastVersion, document.Version);
        }

        return store;
    }

    public Task<StoredDocument?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        string path = PathOf(name);
        return RunAsync("read document", path, () => Find(name, path), cancellationToken);
    }

    public Task<StoredDocument> WriteAsync(
        string name, ReadOnlyMemory<byte> content, long? expectedVersion, CancellationToken cancellationToken)
    {
        string path = PathOf(name);
        return RunAsync("write document", path, Write, cancellationToken);

        StoredDocument Write()
        {
            CheckVersion(name, path, expectedVersion);
            StoredDocument document = new(name, ++_lastVersion, content.ToArray());
            _directoryUnsynced = true;
            AtomicFile.Replace(_fileSystem, path, DocumentFormat.Encode(document));
            _directoryUnsynced = false;
            return document;
        }
    }

    public Task<bool> DeleteAsync(string name, long? expectedVersion, CancellationToken cancellationToken)
    {
        string path = PathOf(name);
        return RunAsync("delete document", path, Delete, cancellationToken);

        bool Delete()
        {
            if (CheckVersion(name, path, expectedVersion) is null)
            {
                return false;
            }

            _directoryUnsynced = true;
            _fileSystem.DeleteFile(path);
            _fileSystem.SyncDirectory(_directory);
            _directoryUnsynced = false;
            return true;
        }
    }

    public Task<IReadOnlyList<StoredDocument>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return RunAsync<IReadOnlyList<StoredDocument>>("list documents", _directory, () => List(prefix), cancellationToken);
    }

    public void Dispose() => _gate.Dispose();

    private string PathOf(string name) => Path.Combine(_directory, StoredName.ToFileName(name, nameof(name)) + Extension);

    private StoredDocument? CheckVersion(string name, string path, long? expectedVersion)
    {
        StoredDocument? current = Find(name, path);
        return expectedVersion is null || expectedVersion == (current?.Version ?? 0)
            ? current
            : throw new StorageException(
                StorageError.Conflict,
                $"Document '{name}' has version {current?.Version ?? 0}, not the expected {expectedVersion} (0 = absent).",
                path);
    }

    private StoredDocument? Find(string name, string path)
    {
        if (!_fileSystem.FileExists(path))
        {
            return null;
        }

        StoredDocument document = DocumentFormat.Decode(AtomicFile.ReadAll(_fileSystem, path), path);
        return document.Name == name
            ? document
            : throw MediumErrors.Corrupt(path, 0, $"it holds the document '{document.Name}', not '{name}'.");
    }

    private List<StoredDocument> List(string prefix)
    {
        List<StoredDocument> documents = [];
        foreach (string file in _fileSystem.ListFiles(_directory).Where(file => file.EndsWith(Extension, StringComparison.Ordinal)))
        {
            string path = Path.Combine(_directory, file);
            StoredDocument document = DocumentFormat.Decode(AtomicFile.ReadAll(_fileSystem, path), path);
            if (document.Name.StartsWith(prefix, StringComparison.Ordinal))
            {
                documents.Add(document);
            }
        }

        documents.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return documents;
    }

    /// <summary>Runs blocking file work off the caller's thread, one at a time.</summary>
    private async Task<T> RunAsync<T>(string what, string path, Func<T> work, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(SyncThenWork, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (MediumErrors.IsMediumError(exception))
        {
            throw MediumErrors.Unavailable(what, path, exception);
        }
        finally
        {
            _gate.Release();
        }

        T SyncThenWork()
        {
            if (_directoryUnsynced)
            {
                _fileSystem.SyncDirectory(_directory);
                _directoryUnsynced = false;
            }

            return work();
        }
    }
}
