using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace ChineseClip.Storage.Files;

/// <summary>The head of a segment file, format 1.</summary>
/// <remarks>
/// Little-endian: 0 magic "CCLOGSEG" · 8 format u32 · 12 header bytes u32 · 16 LSN of the first record i64 · 24 checksum of the last
/// record before it u64 (0 in the very first) · 32 log id u64 · 40 shard key (UTF-8) · XxHash3 (u64) of all before it, the last 8 bytes.
/// The log id is random: it seeds the record checksums, so that no body can be made to look like a record of this log.
/// </remarks>
/// <param name="ShardKey">The shard this log belongs to.</param>
/// <param name="BaseLsn">The LSN of the first record of the segment.</param>
/// <param name="PreviousChecksum">The last checksum of the segment before it.</param>
/// <param name="LogId">The same in all segments of one log.</param>
internal sealed record SegmentHeader(string ShardKey, long BaseLsn, ulong PreviousChecksum, ulong LogId)
{
    private const int FixedBytes = 40;

    private const int ChecksumBytes = 8;

    /// <summary>More than the longest shard key (512 bytes) needs.</summary>
    private const int MaxBytes = 1024;

    private const uint Format = 1;

    private static ReadOnlySpan<byte> Magic => "CCLOGSEG"u8;

    /// <summary>The bytes before the first record.</summary>
    public int Length => FixedBytes + Encoding.UTF8.GetByteCount(ShardKey) + ChecksumBytes;

    public byte[] Encode()
    {
        byte[] bytes = new byte[Length];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Format);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), (uint)bytes.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), BaseLsn);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), PreviousChecksum);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(32), LogId);
        Encoding.UTF8.GetBytes(ShardKey, bytes.AsSpan(FixedBytes));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(bytes.Length - ChecksumBytes), Checksum(bytes));
        return bytes;
    }

    /// <exception cref="StorageException">Corrupt. Headers are synced before the file gets its name, so no crash excuses a bad one.</exception>
    public static SegmentHeader Read(IStorageFile file)
    {
        byte[] bytes = new byte[MaxBytes];
        int available = file.Read(0, bytes);
        if (available < FixedBytes + ChecksumBytes || !bytes.AsSpan(0, Magic.Length).SequenceEqual(Magic))
        {
            throw MediumErrors.Corrupt(file.Path, 0, "it does not begin with the header of a log segment.");
        }

        uint format = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8));
        if (format != Format)
        {
            throw MediumErrors.Corrupt(file.Path, 8, $"segment format {format}; this version reads {Format}.");
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(12));
        if (length < FixedBytes + ChecksumBytes || length > available)
        {
            throw MediumErrors.Corrupt(file.Path, 12, $"a header of {length} bytes in a file of which {available} bytes could be its header.");
        }

        ReadOnlySpan<byte> header = bytes.AsSpan(0, (int)length);
        if (BinaryPrimitives.ReadUInt64LittleEndian(header[^ChecksumBytes..]) != Checksum(header))
        {
            throw MediumErrors.Corrupt(file.Path, length - ChecksumBytes, "the checksum of the header does not match.");
        }

        return new SegmentHeader(
            Encoding.UTF8.GetString(header[FixedBytes..^ChecksumBytes]),
            BinaryPrimitives.ReadInt64LittleEndian(header[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(header[32..]));
    }

    /// <summary>What the first record of the segment is chained to.</summary>
    public ulong ChainStart() => XxHash3.HashToUInt64(Encode());

    private static ulong Checksum(ReadOnlySpan<byte> header) => XxHash3.HashToUInt64(header[..^ChecksumBytes]);
}
