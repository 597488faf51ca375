using System.Buffers.Binary;
using System.IO.Hashing;

namespace ChineseClip.Grains.Shards.Snapshots;

/// <summary>Writes a file of a snapshot: a format mark, then the content, then the XxHash3 of both; on the disk when it is finished.</summary>
internal sealed class CheckedFileWriter : IDisposable
{
    private readonly FileStream _file;
    private readonly XxHash3 _hash = new();

    public CheckedFileWriter(string path, ReadOnlySpan<byte> mark)
    {
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        Write(mark);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _hash.Append(bytes);
        _file.Write(bytes);
    }

    public void WriteInt(int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        Write(bytes);
    }

    public void WriteLong(long value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Write(bytes);
    }

    public void Finish()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, _hash.GetCurrentHashAsUInt64());
        _file.Write(bytes);
        _file.Flush(flushToDisk: true);
    }

    public void Dispose() => _file.Dispose();
}
