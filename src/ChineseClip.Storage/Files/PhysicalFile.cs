using Microsoft.Win32.SafeHandles;

namespace ChineseClip.Storage.Files;

/// <summary>A file of <see cref="PhysicalFileSystem"/>.</summary>
internal sealed class PhysicalFile : IStorageFile
{
    private readonly SafeFileHandle _handle;

    public PhysicalFile(string path, FileOpening opening)
    {
        Path = path;
        _handle = opening switch
        {
            // Delete sharing: truncation and shard deletion may remove a segment while a reader has it open.
            FileOpening.Read => File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete),
            FileOpening.ReadWrite => File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete),
            FileOpening.Create => File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete),
            _ => throw new ArgumentOutOfRangeException(nameof(opening), opening, "Unknown way to open a file."),
        };
    }

    public string Path { get; }

    public long Length => RandomAccess.GetLength(_handle);

    public int Read(long offset, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length)
        {
            int read = RandomAccess.Read(_handle, destination[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    public void Write(long offset, ReadOnlySpan<byte> content) => RandomAccess.Write(_handle, content, offset);

    public void SetLength(long length) => RandomAccess.SetLength(_handle, length);

    public void Sync() => RandomAccess.FlushToDisk(_handle);

    public void Dispose() => _handle.Dispose();
}
