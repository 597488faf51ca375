using System.Buffers.Binary;
using System.IO.Hashing;
using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Shards.Snapshots;

/// <summary>Reads what <see cref="CheckedFileWriter"/> wrote: the whole file is read and its checksum compared before anything of it is used.</summary>
/// <remarks>
/// Memory: blocks of <see cref="BlockBytes"/> or, for a longer value, of its length; a value that was read is a slice of its block and
/// keeps it alive.
/// </remarks>
internal sealed class CheckedFileReader
{
    private const int BlockBytes = 1 << 20;
    private readonly string _path;
    private readonly List<byte[]> _blocks = [];
    private readonly long _length;
    private long _position;

    public CheckedFileReader(string path, ReadOnlySpan<byte> mark)
    {
        _path = path;
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            _length = file.Length - sizeof(ulong);
            if (_length < mark.Length)
            {
                throw Corrupt(0, $"has {file.Length} bytes; must have {mark.Length + sizeof(ulong)} or more");
            }

            ReadBlocks(file);
        }
        catch (IOException exception)
        {
            throw new ClusterException(ErrorCode.Corrupt, $"{path} cannot be read: {exception.Message}", exception);
        }

        if (!ReadBytes(mark.Length).Span.SequenceEqual(mark))
        {
            throw Corrupt(0, "is of another format or version");
        }
    }

    public bool IsAtEnd => _position == _length;

    public int ReadInt()
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        Copy(bytes);
        return BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }

    public long ReadLong()
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        Copy(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    /// <summary>A count of things that take at least so many bytes each: more than the file can hold is damage, not an allocation.</summary>
    public int ReadCount(int leastBytes)
    {
        long at = _position;
        int count = ReadInt();
        return count >= 0 && (long)count * leastBytes <= _length - _position
            ? count
            : throw Corrupt(at, $"has the count {count}");
    }

    public ReadOnlyMemory<byte> ReadBytes(int count)
    {
        if (count < 0 || count > _length - _position)
        {
            throw Corrupt(_position, $"ends before a value of {count} bytes");
        }

        int offset = (int)(_position % BlockBytes);
        byte[] block = count == 0 ? [] : _blocks[(int)(_position / BlockBytes)];
        if (offset + count <= block.Length)
        {
            _position += count;
            return block.AsMemory(count == 0 ? 0 : offset, count);
        }

        byte[] joined = new byte[count];
        Copy(joined);
        return joined;
    }

    public ClusterException Corrupt(long offset, string what) => new(ErrorCode.Corrupt, $"{_path} {what}, at byte {offset}.");

    private void ReadBlocks(FileStream file)
    {
        XxHash3 hash = new();
        for (long left = _length; left > 0; left -= BlockBytes)
        {
            byte[] block = GC.AllocateUninitializedArray<byte>((int)Math.Min(BlockBytes, left));
            file.ReadExactly(block);
            hash.Append(block);
            _blocks.Add(block);
        }

        Span<byte> stored = stackalloc byte[sizeof(ulong)];
        file.ReadExactly(stored);
        ulong expected = BinaryPrimitives.ReadUInt64LittleEndian(stored);
        if (hash.GetCurrentHashAsUInt64() != expected)
        {
            throw Corrupt(_length, $"has the checksum {hash.GetCurrentHashAsUInt64():x16}; it should be {expected:x16}");
        }
    }

    private void Copy(Span<byte> destination)
    {
        if (destination.Length > _length - _position)
        {
            throw Corrupt(_position, $"ends before a value of {destination.Length} bytes");
        }

        while (!destination.IsEmpty)
        {
            ReadOnlySpan<byte> rest = _blocks[(int)(_position / BlockBytes)].AsSpan((int)(_position % BlockBytes));
            int count = Math.Min(rest.Length, destination.Length);
            rest[..count].CopyTo(destination);
            destination = destination[count..];
            _position += count;
        }
    }
}
