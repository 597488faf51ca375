using System.Buffers.Binary;
using System.IO.Hashing;

namespace ChineseClip.Storage.Postgres;

/// <summary>XxHash3 of what a row holds, as the database stores it.</summary>
internal static class RecordChecksum
{
    public static long OfRecord(long shardId, long lsn, long epoch, ReadOnlySpan<byte> body)
    {
        Span<byte> place = stackalloc byte[24];
        BinaryPrimitives.WriteInt64LittleEndian(place, shardId);
        BinaryPrimitives.WriteInt64LittleEndian(place[8..], lsn);
        BinaryPrimitives.WriteInt64LittleEndian(place[16..], epoch);
        return unchecked((long)XxHash3.HashToUInt64(body, unchecked((long)XxHash3.HashToUInt64(place))));
    }

    public static long OfDocument(string name, ReadOnlySpan<byte> content) => unchecked(
        (long)XxHash3.HashToUInt64(content, (long)XxHash3.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(name))));
}
