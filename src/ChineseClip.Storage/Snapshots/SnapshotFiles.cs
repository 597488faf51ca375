using System.Buffers;
using System.IO.Hashing;
using ChineseClip.Storage.Files;

namespace ChineseClip.Storage.Snapshots;

/// <summary>Looks at the files of a snapshot below their directory.</summary>
internal static class SnapshotFiles
{
    private const int BufferBytes = 1 << 20;

    /// <summary>The relative paths of all files, in ordinal order.</summary>
    public static List<string> Find(IFileSystem fileSystem, string directory)
    {
        List<string> names = [];
        Collect(string.Empty);
        names.Sort(StringComparer.Ordinal);
        return names;

        void Collect(string below)
        {
            string path = PathOf(directory, below);
            names.AddRange(fileSystem.ListFiles(path).Select(name => below + name));
            foreach (string name in fileSystem.ListDirectories(path))
            {
                Collect($"{below}{name}/");
            }
        }
    }

    /// <summary>Makes every file and every name below the directory durable, and takes the checksums.</summary>
    /// <remarks>Cost: reads every file once.</remarks>
    public static List<SnapshotFile> SyncAll(IFileSystem fileSystem, string directory, CancellationToken cancellationToken)
    {
        List<SnapshotFile> files = [];
        foreach (string name in Find(fileSystem, directory))
        {
            using IStorageFile file = fileSystem.Open(PathOf(directory, name), FileOpening.ReadWrite);
            file.Sync();
            files.Add(new SnapshotFile(name, file.Length, Checksum(file, cancellationToken)));
        }

        SyncDirectories(directory);
        return files;

        void SyncDirectories(string path)
        {
            foreach (string name in fileSystem.ListDirectories(path))
            {
                SyncDirectories(Path.Combine(path, name));
            }

            fileSystem.SyncDirectory(path);
        }
    }

    /// <summary>Every file is there in its full length.</summary>
    /// <exception cref="StorageException">Corrupt.</exception>
    public static void CheckLengths(IFileSystem fileSystem, string directory, SnapshotManifest manifest)
    {
        foreach (SnapshotFile expected in manifest.Files)
        {
            string path = PathOf(directory, expected.Name);
            if (!fileSystem.FileExists(path))
            {
                throw MediumErrors.Corrupt(path, 0, $"it is missing from snapshot {manifest.Id}.");
            }

            using IStorageFile file = fileSystem.Open(path, FileOpening.Read);
            if (file.Length != expected.Bytes)
            {
                throw MediumErrors.Corrupt(
                    path, Math.Min(file.Length, expected.Bytes), $"it has {file.Length} bytes; snapshot {manifest.Id} was published with {expected.Bytes}.");
            }
        }
    }

    /// <summary>The content of every file whose name begins with <paramref name="prefix"/> is what was published.</summary>
    /// <exception cref="StorageException">Corrupt, or Unavailable.</exception>
    public static void Verify(
        IFileSystem fileSystem, string directory, SnapshotManifest manifest, string prefix, CancellationToken cancellationToken)
    {
        foreach (SnapshotFile expected in manifest.Files.Where(file => file.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            string path = PathOf(directory, expected.Name);
            try
            {
                using IStorageFile file = fileSystem.Open(path, FileOpening.Read);
                string found = Checksum(file, cancellationToken);
                if (found != expected.Checksum)
                {
                    throw MediumErrors.Corrupt(
                        path, 0, $"its checksum is {found}; snapshot {manifest.Id} was published with {expected.Checksum}.");
                }
            }
            catch (Exception exception) when (MediumErrors.IsMediumError(exception))
            {
                throw MediumErrors.Unavailable("read", path, exception);
            }
        }
    }

    public static string PathOf(string directory, string name) =>
        name.Length == 0 ? directory : Path.Combine(directory, name.TrimEnd('/').Replace('/', Path.DirectorySeparatorChar));

    private static string Checksum(IStorageFile file, CancellationToken cancellationToken)
    {
        XxHash128 hash = new();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long offset = 0;
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int read = file.Read(offset, buffer.AsSpan(0, BufferBytes));
                if (read == 0)
                {
                    return Convert.ToHexStringLower(hash.GetCurrentHash());
                }

                hash.Append(buffer.AsSpan(0, read));
                offset += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
