using System.Buffers.Binary;
using System.IO.Hashing;

namespace ChineseClip.Storage.Files;

// The records themselves tell what had been acknowledged, except those of the very last group: nothing after them vouches for them, so damage to
// them looks like the torn tail of a crash. This file closes the gap: after the sync of a group and before its acknowledgement, the LSN is
// written here in place, without a sync of its own. So it is never ahead of the log, survives the death of the process, and reaches the disk by
// itself within the kernel's write-back time. What remains: after a power cut it may be a few groups old, and damage in just those groups at just
// that time is taken for a torn tail. Closing the log syncs it.
//
// Little-endian: 0 magic "CCACKED1" · 8 log id u64 · 16 LSN i64 · 24 XxHash3 of all before it u64. A file that is absent or not whole says nothing.

/// <summary>The last LSN of a log that is known to have been acknowledged. See the note above this type.</summary>
/// <remarks>Threads: one at a time.</remarks>
internal sealed class Watermark : IDisposable
{
    private const string Name = "ACKNOWLEDGED";

    private const int Bytes = 32;

    private readonly IStorageFile _file;

    private readonly ulong _logId;

    private readonly byte[] _buffer = new byte[Bytes];

    private Watermark(IStorageFile file, ulong logId)
    {
        _file = file;
        _logId = logId;
    }

    private static ReadOnlySpan<byte> Magic => "CCACKED1"u8;

    /// <summary>The path in a shard's directory; an operator who accepts the loss of the tail removes this file.</summary>
    public static string PathIn(string directory) => Path.Combine(directory, Name);

    /// <summary>The last LSN that is known to have been acknowledged; 0 when nothing is known.</summary>
    public static long Read(IFileSystem fileSystem, string directory, ulong logId)
    {
        string path = PathIn(directory);
        if (!fileSystem.FileExists(path))
        {
            return 0;
        }

        byte[] content = AtomicFile.ReadAll(fileSystem, path);
        return content.Length == Bytes
            && content.AsSpan(0, Magic.Length).SequenceEqual(Magic)
            && BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan(8)) == logId
            && BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan(24)) == XxHash3.HashToUInt64(content.AsSpan(0, 24))
            ? BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(16))
            : 0;
    }

    /// <summary>Writes the mark anew, durably, and keeps it open. Everything up to the LSN is durable.</summary>
    public static Watermark Begin(IFileSystem fileSystem, string directory, ulong logId, long lsn)
    {
        string path = PathIn(directory);
        byte[] content = new byte[Bytes];
        Encode(content, logId, lsn);
        AtomicFile.Replace(fileSystem, path, content);
        return new Watermark(fileSystem.Open(path, FileOpening.ReadWrite), logId);
    }

    /// <summary>Everything up to this LSN is durable and about to be acknowledged.</summary>
    public void Advance(long lsn)
    {
        Encode(_buffer, _logId, lsn);
        _file.Write(0, _buffer);
    }

    public void Sync() => _file.Sync();

    public void Dispose() => _file.Dispose();

    private static void Encode(Span<byte> content, ulong logId, long lsn)
    {
        Magic.CopyTo(content);
        BinaryPrimitives.WriteUInt64LittleEndian(content[8..], logId);
        BinaryPrimitives.WriteInt64LittleEndian(content[16..], lsn);
        BinaryPrimitives.WriteUInt64LittleEndian(content[24..], XxHash3.HashToUInt64(content[..24]));
    }
}
