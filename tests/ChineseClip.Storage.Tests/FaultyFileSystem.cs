using ChineseClip.Storage.Files;

namespace ChineseClip.Storage.Tests;

/// <summary>A file system in memory that keeps apart what is cached and what is on the medium.</summary>
/// <remarks>
/// <see cref="Crash"/> leaves what was synced; with a random source it also keeps a random choice of the un-synced 64-byte pieces, in no order, as
/// a page cache does. A failed sync leaves the written bytes readable but marks them clean: later syncs do not bring them to the medium.
/// </remarks>
internal sealed class FaultyFileSystem : IFileSystem
{
    private readonly Lock _gate = new();

    private Dictionary<string, Node> _files = new(StringComparer.Ordinal);

    private Dictionary<string, Node> _durableFiles = new(StringComparer.Ordinal);

    private HashSet<string> _directories = new(StringComparer.Ordinal) { "/" };

    private readonly HashSet<string> _durableDirectories = new(StringComparer.Ordinal) { "/" };

    private HashSet<string> _locks = new(StringComparer.Ordinal);

    private int _life;

    /// <summary>Gives the exception an operation is to fail with, or null. Called before the operation, outside any lock.</summary>
    public Func<FileOperation, string, Exception?>? Fault { get; set; }

    /// <summary>How many more bytes fit on the medium; a write that does not fit is cut and fails.</summary>
    public long FreeBytes { get; set; } = long.MaxValue;

    /// <summary>Forgets all that is not durable, closes every file and releases the locks.</summary>
    public void Crash(Random? kept = null)
    {
        lock (_gate)
        {
            _life++;
            _locks = new HashSet<string>(StringComparer.Ordinal);
            _directories = new HashSet<string>(_durableDirectories, StringComparer.Ordinal);
            _files = new Dictionary<string, Node>(StringComparer.Ordinal);
            foreach ((string path, Node node) in _durableFiles)
            {
                node.Crash(kept);
                _files[path] = node;
            }

            _durableFiles = new Dictionary<string, Node>(_files, StringComparer.Ordinal);
        }
    }

    public byte[] Content(string path)
    {
        lock (_gate)
        {
            return _files[path].Cached.ToArray();
        }
    }

    /// <summary>Puts a file on the medium, as damage or an earlier run would.</summary>
    public void Plant(string path, byte[] content)
    {
        lock (_gate)
        {
            Node node = new();
            node.Write(0, content);
            node.Sync();
            _files[path] = node;
            _durableFiles[path] = node;
        }
    }

    public IReadOnlyList<string> AllFiles()
    {
        lock (_gate)
        {
            return [.. _files.Keys.Order(StringComparer.Ordinal)];
        }
    }

    public void CreateDirectory(string path)
    {
        Check(FileOperation.CreateDirectory, path);
        lock (_gate)
        {
            for (string? directory = path; directory is not null; directory = Path.GetDirectoryName(directory))
            {
                _ = _directories.Add(directory);
            }
        }
    }

    public bool DirectoryExists(string path)
    {
        lock (_gate)
        {
            return _directories.Contains(path);
        }
    }

    public bool FileExists(string path)
    {
        lock (_gate)
        {
            return _files.ContainsKey(path);
        }
    }

    public IReadOnlyList<string> ListFiles(string directory)
    {
        lock (_gate)
        {
            return Children(_files.Keys, directory);
        }
    }

    public IReadOnlyList<string> ListDirectories(string directory)
    {
        lock (_gate)
        {
            return Children(_directories, directory);
        }
    }

    public IStorageFile Open(string path, FileOpening opening)
    {
        Check(opening == FileOpening.Read ? FileOperation.OpenForRead : FileOperation.OpenForWrite, path);
        lock (_gate)
        {
            if (opening == FileOpening.Create)
            {
                RequireDirectory(path);
                _files[path] = new Node();
            }

            return _files.TryGetValue(path, out Node? node)
                ? new OpenFile(this, path, node, _life)
                : throw new FileNotFoundException($"No file '{path}'.", path);
        }
    }

    public void MoveFile(string source, string destination)
    {
        Check(FileOperation.Move, source);
        lock (_gate)
        {
            RequireDirectory(destination);
            if (!_files.Remove(source, out Node? node))
            {
                throw new FileNotFoundException($"No file '{source}'.", source);
            }

            _files[destination] = node;
        }
    }

    /// <remarks>The rename is one step on the medium; for simplicity it is durable at once together with its content.</remarks>
    public void MoveDirectory(string source, string destination)
    {
        Check(FileOperation.Move, source);
        lock (_gate)
        {
            foreach (Dictionary<string, Node> files in new[] { _files, _durableFiles })
            {
                foreach (string path in files.Keys.Where(path => path.StartsWith(source + "/", StringComparison.Ordinal)).ToList())
                {
                    _ = files.Remove(path, out Node? node);
                    files[destination + path[source.Length..]] = node!;
                }
            }

            foreach (HashSet<string> directories in new[] { _directories, _durableDirectories })
            {
                foreach (string path in directories.Where(path => path == source || path.StartsWith(source + "/", StringComparison.Ordinal)).ToList())
                {
                    _ = directories.Remove(path);
                    _ = directories.Add(destination + path[source.Length..]);
                }
            }
        }
    }

    public void DeleteFile(string path)
    {
        Check(FileOperation.Delete, path);
        lock (_gate)
        {
            _ = _files.Remove(path);
        }
    }

    public void DeleteDirectory(string path)
    {
        Check(FileOperation.Delete, path);
        lock (_gate)
        {
            _ = _directories.RemoveWhere(directory => directory == path || directory.StartsWith(path + "/", StringComparison.Ordinal));
            foreach (string file in _files.Keys.Where(file => file.StartsWith(path + "/", StringComparison.Ordinal)).ToList())
            {
                _ = _files.Remove(file);
            }
        }
    }

    public void SyncDirectory(string path)
    {
        Check(FileOperation.SyncDirectory, path);
        lock (_gate)
        {
            foreach (string file in _durableFiles.Keys.Where(file => Path.GetDirectoryName(file) == path && !_files.ContainsKey(file)).ToList())
            {
                _ = _durableFiles.Remove(file);
            }

            foreach ((string file, Node node) in _files.Where(file => Path.GetDirectoryName(file.Key) == path))
            {
                _durableFiles[file] = node;
            }

            _ = _durableDirectories.RemoveWhere(directory => Path.GetDirectoryName(directory) == path && !_directories.Contains(directory));
            foreach (string directory in _directories.Where(directory => Path.GetDirectoryName(directory) == path))
            {
                _ = _durableDirectories.Add(directory);
            }

            _ = _durableDirectories.Add(path);
        }
    }

    public IDisposable Lock(string path)
    {
        lock (_gate)
        {
            return _locks.Add(path) ? new HeldLock(this, path, _life) : throw new IOException($"'{path}' is locked.");
        }
    }

    private static List<string> Children(IEnumerable<string> paths, string directory) =>
        [.. paths.Where(path => Path.GetDirectoryName(path) == directory).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private void Check(FileOperation operation, string path)
    {
        if (Fault?.Invoke(operation, path) is { } exception)
        {
            throw exception;
        }
    }

    private void RequireDirectory(string path)
    {
        if (!_directories.Contains(Path.GetDirectoryName(path)!))
        {
            throw new DirectoryNotFoundException($"No directory for '{path}'.");
        }
    }

    /// <summary>Content as cached, content as on the medium, and the writes between them.</summary>
    private sealed class Node
    {
        private const int PieceBytes = 64;

        private readonly List<(long Offset, byte[]? Content)> _pending = [];

        private byte[] _durable = [];

        public byte[] Cached { get; private set; } = [];

        public void Write(long offset, ReadOnlySpan<byte> content)
        {
            Cached = Apply(Cached, offset, content.ToArray());
            for (int i = 0; i < content.Length; i += PieceBytes)
            {
                _pending.Add((offset + i, content[i..Math.Min(i + PieceBytes, content.Length)].ToArray()));
            }
        }

        public void SetLength(long length)
        {
            Cached = Apply(Cached, length, null);
            _pending.Add((length, null));
        }

        public void Sync()
        {
            foreach ((long offset, byte[]? content) in _pending)
            {
                _durable = Apply(_durable, offset, content);
            }

            _pending.Clear();
        }

        public void LosePending() => _pending.Clear();

        public void Crash(Random? kept)
        {
            foreach ((long offset, byte[]? content) in _pending)
            {
                if (kept?.Next(2) == 1)
                {
                    _durable = Apply(_durable, offset, content);
                }
            }

            _pending.Clear();
            Cached = [.. _durable];
        }

        /// <summary>Writes at the offset, or cuts (or extends) to it when there is no content.</summary>
        private static byte[] Apply(byte[] target, long offset, byte[]? content)
        {
            long length = content is null ? offset : Math.Max(target.Length, offset + content.Length);
            byte[] result = new byte[length];
            target.AsSpan(0, (int)Math.Min(target.Length, length)).CopyTo(result);
            content?.CopyTo(result, offset);
            return result;
        }
    }

    private sealed class OpenFile(FaultyFileSystem fileSystem, string path, Node node, int life) : IStorageFile
    {
        public string Path => path;

        public long Length => Locked(() => node.Cached.Length);

        public int Read(long offset, Span<byte> destination)
        {
            byte[] content = Locked(() => node.Cached);
            int count = (int)Math.Clamp(content.Length - offset, 0, destination.Length);
            content.AsSpan((int)Math.Min(offset, content.Length), count).CopyTo(destination);
            return count;
        }

        public void Write(long offset, ReadOnlySpan<byte> content)
        {
            fileSystem.Check(FileOperation.Write, path);
            byte[] all = content.ToArray();
            Locked(() =>
            {
                int fitting = (int)Math.Min(all.Length, fileSystem.FreeBytes);
                fileSystem.FreeBytes -= fitting;
                node.Write(offset, all.AsSpan(0, fitting));
                return fitting == all.Length ? 0 : throw new IOException("No space left on device");
            });
        }

        public void SetLength(long length)
        {
            fileSystem.Check(FileOperation.SetLength, path);
            Locked(() =>
            {
                node.SetLength(length);
                return 0;
            });
        }

        public void Sync()
        {
            try
            {
                fileSystem.Check(FileOperation.Sync, path);
            }
            catch (IOException)
            {
                node.LosePending();
                throw;
            }

            Locked(() =>
            {
                node.Sync();
                return 0;
            });
        }

        public void Dispose()
        {
        }

        private T Locked<T>(Func<T> work)
        {
            lock (fileSystem._gate)
            {
                return fileSystem._life == life ? work() : throw new IOException($"'{path}' was open when the machine crashed.");
            }
        }
    }

    private sealed class HeldLock(FaultyFileSystem fileSystem, string path, int life) : IDisposable
    {
        public void Dispose()
        {
            lock (fileSystem._gate)
            {
                if (fileSystem._life == life)
                {
                    _ = fileSystem._locks.Remove(path);
                }
            }
        }
    }
}
