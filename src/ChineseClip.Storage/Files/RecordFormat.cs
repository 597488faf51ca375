using System.Buffers.Binary;
using System.IO.Hashing;

namespace ChineseClip.Storage.Files;

/// <summary>The bytes of one record.</summary>
/// <remarks>
/// Little-endian: 0 mark u32 · 4 body bytes u32 · 8 checksum u64 · 16 LSN i64 · 24 epoch i64 · 32 LSN known durable when this was written
/// i64 · 40 checksum of the record before u64 · 48 body. The checksum is XxHash3 of bytes 16 to the end, seeded with the log id and the body length.
/// The durable LSN tells a torn tail from damage: see <see cref="LogRecovery"/>.
/// </remarks>
internal static class RecordFormat
{
    public const int HeaderBytes = 48;

    /// <summary>No record is longer; a greater length is damage.</summary>
    public const int MaxBodyBytes = 256 << 20;

    public static ReadOnlySpan<byte> Mark => [0xF5, (byte)'R', (byte)'E', (byte)'C'];

    /// <summary>Writes header and body to <paramref name="destination"/>, which has room for both; returns the checksum.</summary>
    public static ulong Encode(Span<byte> destination, ulong logId, in RecordHeader header, ReadOnlySpan<byte> body)
    {
        Mark.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], (uint)body.Length);
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], header.Lsn);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], header.Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(destination[32..], header.DurableLsn);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[40..], header.PreviousChecksum);
        body.CopyTo(destination[HeaderBytes..]);
        ulong checksum = Checksum(logId, destination[..(HeaderBytes + body.Length)]);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], checksum);
        return checksum;
    }

    /// <summary>Reads the fixed part; false when it cannot be the head of a record.</summary>
    public static bool TryDecodeHeader(ReadOnlySpan<byte> source, out RecordHeader header)
    {
        header = default;
        if (source.Length < HeaderBytes || !source[..4].SequenceEqual(Mark))
        {
            return false;
        }

        uint bodyBytes = BinaryPrimitives.ReadUInt32LittleEndian(source[4..]);
        if (bodyBytes > MaxBodyBytes)
        {
            return false;
        }

        header = new RecordHeader
        {
            BodyBytes = (int)bodyBytes,
            Checksum = BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            Lsn = BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
            Epoch = BinaryPrimitives.ReadInt64LittleEndian(source[24..]),
            DurableLsn = BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
            PreviousChecksum = BinaryPrimitives.ReadUInt64LittleEndian(source[40..]),
        };
        return true;
    }

    public static ulong Checksum(ulong logId, ReadOnlySpan<byte> record) =>
        XxHash3.HashToUInt64(record[16..], unchecked((long)(logId ^ (ulong)(record.Length - HeaderBytes))));
}
