using System.Runtime.InteropServices;
using ChineseClip.Vectors.Memory;
using Microsoft.Win32.SafeHandles;

namespace ChineseClip.Vectors.Persistence;

/// <summary>A snapshot on disk, from which the parts of an index take what they put into its <see cref="SnapshotCapture"/>.</summary>
internal sealed unsafe class SnapshotImage
{
    private readonly string _directory;
    private readonly HnswOpenOptions _options;
    private byte[]? _lists;

    /// <exception cref="IndexFileException">The manifest is missing or not as it must be.</exception>
    public SnapshotImage(string directory, HnswOpenOptions options)
    {
        _directory = directory;
        _options = options;
        ManifestPath = Path.Combine(directory, ManifestDocument.FileName);
        Manifest = ManifestDocument.Read(ManifestPath);
    }

    public IndexManifest Manifest { get; }

    public string ManifestPath { get; }

    public long Number(string name) => Manifest.Numbers.TryGetValue(name, out long value)
        ? value
        : throw Inconsistent($"must have a number {name}.");

    /// <summary>A number that must lie in a range.</summary>
    public int Number(string name, int min, int max)
    {
        long value = Number(name);
        return value >= min && value <= max ? (int)value : throw Inconsistent($"{name} is {value}; must be {min}..{max}.");
    }

    public T[] List<T>(string name) where T : unmanaged
    {
        _lists ??= ReadLists();
        if (!Manifest.ListRanges.TryGetValue(name, out ManifestRange range))
        {
            throw Inconsistent($"must have a list {name}.");
        }
        if (range.Offset < 0 || range.Bytes < 0 || (long)range.Offset + range.Bytes > _lists.Length || range.Bytes % sizeof(T) != 0)
        {
            throw Inconsistent(
                $"list {name} is at {range.Offset} with {range.Bytes} bytes; must be elements of {sizeof(T)} bytes within {_lists.Length}.");
        }
        return MemoryMarshal.Cast<byte, T>(_lists.AsSpan(range.Offset, range.Bytes)).ToArray();
    }

    /// <summary>Maps the chunks of a table into rows that are empty yet.</summary>
    public void LoadTable(string name, ChunkedRows rows, int rowCount)
    {
        ManifestTable table = Manifest.Tables.FirstOrDefault(table => table.Name == name)
            ?? throw Inconsistent($"must have a table {name}.");
        int chunkCount = (int)(((long)rowCount + rows.ChunkRows - 1) / rows.ChunkRows);
        if (table.RowBytes != rows.RowBytes || table.ChunkRows != rows.ChunkRows || table.Rows != rowCount
            || table.Chunks.Count != chunkCount)
        {
            throw Inconsistent(
                $"table {name} must be {rowCount} rows of {rows.RowBytes} bytes in {chunkCount} chunks of {rows.ChunkRows}; it is "
                + $"{table.Rows} of {table.RowBytes} in {table.Chunks.Count} of {table.ChunkRows}.");
        }
        for (int chunk = 0; chunk < chunkCount; chunk++)
        {
            ManifestFile file = table.Chunks[chunk];
            int used = Math.Min(rows.ChunkRows, rowCount - (chunk * rows.ChunkRows)) * rows.RowBytes;
            if (file.Bytes != used)
            {
                throw Inconsistent($"{file.Name} must have {used} bytes; it has {file.Bytes}.");
            }
            using SafeFileHandle handle = Open(file, out string path);
            byte* content = rows.AppendMapped(handle, used);
            Verify(path, file, new ReadOnlySpan<byte>(content, used));
        }
    }

    /// <summary>For what the parts of the manifest say of each other and cannot be.</summary>
    public IndexFileException Inconsistent(string expectation) => new(ManifestPath, 0, expectation);

    private byte[] ReadLists()
    {
        using SafeFileHandle handle = Open(Manifest.Lists, out string path);
        byte[] bytes = new byte[Manifest.Lists.Bytes];
        int done = 0;
        while (done < bytes.Length)
        {
            int count = RandomAccess.Read(handle, bytes.AsSpan(done), done);
            if (count == 0)
            {
                throw new IndexFileException(path, done, $"must have {bytes.Length} bytes; it ends here.");
            }
            done += count;
        }
        string actual = Checksum.Of(bytes);
        return actual == Manifest.Lists.Checksum ? bytes : throw Damaged(path, Manifest.Lists, actual);
    }

    private SafeFileHandle Open(ManifestFile file, out string path)
    {
        if (file.Name != Path.GetFileName(file.Name))
        {
            throw Inconsistent($"{file.Name} must be the name of a file in the same directory.");
        }
        path = Path.Combine(_directory, file.Name);
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IndexFileException(path, 0, $"a file of {file.Bytes} bytes must be here; there is none.", exception);
        }
        long length = RandomAccess.GetLength(handle);
        if (length != file.Bytes)
        {
            handle.Dispose();
            throw new IndexFileException(
                path, Math.Min(length, file.Bytes), $"the file must have {file.Bytes} bytes; it has {length}.");
        }
        return handle;
    }

    private void Verify(string path, ManifestFile file, ReadOnlySpan<byte> content)
    {
        if (_options.Verification == IndexVerification.Lengths)
        {
            return;
        }
        string actual = Checksum.Of(content);
        if (actual != file.Checksum)
        {
            throw Damaged(path, file, actual);
        }
    }

    private static IndexFileException Damaged(string path, ManifestFile file, string actual) =>
        new(path, 0, $"the {file.Bytes} bytes from here on must have checksum {file.Checksum}; they have {actual}.");
}
