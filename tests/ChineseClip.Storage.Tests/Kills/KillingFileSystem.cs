using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ChineseClip.Storage.Files;
using ChineseClip.Storage.Snapshots;

namespace ChineseClip.Storage.Tests.Kills;

/// <summary>The file system of the machine, in which every operation is a named point before and after which the process can die of SIGKILL.</summary>
/// <remarks>A point is <c>before-sync-segment</c> and the like: when, what, on which kind of file.</remarks>
internal sealed partial class KillingFileSystem(string? fatalPoint, int fatalPass) : IFileSystem
{
    private const int SigKill = 9;

    private readonly PhysicalFileSystem _inner = new();

    private readonly ConcurrentDictionary<string, int> _passes = new(StringComparer.Ordinal);

    /// <summary>How often each point was passed.</summary>
    public IReadOnlyDictionary<string, int> Passes => _passes;

    /// <summary>Dies here if this is the time to.</summary>
    public void Pass(string point)
    {
        int pass = _passes.AddOrUpdate(point, 1, (_, count) => count + 1);
        if (point == fatalPoint && pass == fatalPass)
        {
            _ = Kill(Environment.ProcessId, SigKill);
            Thread.Sleep(Timeout.Infinite); // it is on its way
        }
    }

    public void CreateDirectory(string path) => Around("create-directory", path, () => _inner.CreateDirectory(path));

    public bool DirectoryExists(string path) => _inner.DirectoryExists(path);

    public bool FileExists(string path) => _inner.FileExists(path);

    public IReadOnlyList<string> ListFiles(string directory) => _inner.ListFiles(directory);

    public IReadOnlyList<string> ListDirectories(string directory) => _inner.ListDirectories(directory);

    public IStorageFile Open(string path, FileOpening opening)
    {
        if (opening != FileOpening.Create)
        {
            return new KillingFile(this, _inner.Open(path, opening));
        }

        IStorageFile? file = null;
        Around("create", path, () => file = _inner.Open(path, opening));
        return new KillingFile(this, file!);
    }

    public void MoveFile(string source, string destination) => Around("rename", destination, () => _inner.MoveFile(source, destination));

    public void MoveDirectory(string source, string destination) =>
        Around("rename-directory", destination, () => _inner.MoveDirectory(source, destination));

    public void DeleteFile(string path) => Around("delete", path, () => _inner.DeleteFile(path));

    public void DeleteDirectory(string path) => Around("delete-directory", path, () => _inner.DeleteDirectory(path));

    public void SyncDirectory(string path) => Around("sync-directory", path, () => _inner.SyncDirectory(path));

    public IDisposable Lock(string path) => _inner.Lock(path);

    private void Around(string operation, string path, Action work)
    {
        string kind = KindOf(path);
        Pass($"before-{operation}-{kind}");
        work();
        Pass($"after-{operation}-{kind}");
    }

    private static string KindOf(string path)
    {
        string name = Path.GetFileName(path);
        if (name.EndsWith(".tmp", StringComparison.Ordinal))
        {
            name = name[..^4];
        }

        string parent = Path.GetFileName(Path.GetDirectoryName(path)) ?? string.Empty;
        return name switch
        {
            "LEASE" => "lease",
            "ACKNOWLEDGED" => "watermark",
            "SNAPSHOT" => "manifest",
            "SNAPSHOT.deleted" => "deletion-mark",
            _ when name.EndsWith(".log", StringComparison.Ordinal) => "segment",
            _ when name.EndsWith(".doc", StringComparison.Ordinal) => "document",
            _ when name.EndsWith(".deleted", StringComparison.Ordinal) => "deleted",
            _ when name is "shards" or "documents" or "snapshots" => name,
            _ when parent == "shards" => "shard",
            _ when parent == "snapshots" => "snapshots-of-shard",
            _ when path.Contains("/snapshots/", StringComparison.Ordinal) => Directory.Exists(path) || name.Length == 16 || SnapshotId.TryParse(name, out _) ? "snapshot" : "snapshot-file",
            _ => "root",
        };
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);

    private sealed class KillingFile(KillingFileSystem fileSystem, IStorageFile inner) : IStorageFile
    {
        public string Path => inner.Path;

        public long Length => inner.Length;

        public int Read(long offset, Span<byte> destination) => inner.Read(offset, destination);

        /// <remarks>Also dies with half of it written, as a process killed in the middle of the call leaves it.</remarks>
        public void Write(long offset, ReadOnlySpan<byte> content)
        {
            string kind = KindOf(Path);
            fileSystem.Pass($"before-write-{kind}");
            int half = content.Length / 2;
            inner.Write(offset, content[..half]);
            fileSystem.Pass($"within-write-{kind}");
            inner.Write(offset + half, content[half..]);
            fileSystem.Pass($"after-write-{kind}");
        }

        public void SetLength(long length) => fileSystem.Around("cut", Path, () => inner.SetLength(length));

        public void Sync() => fileSystem.Around("sync", Path, inner.Sync);

        public void Dispose() => inner.Dispose();
    }
}
