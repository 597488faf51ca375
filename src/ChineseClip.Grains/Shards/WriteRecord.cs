using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Shards;

/// <summary>
/// One write as it lies in a shard's log. Format 1, little-endian: version (1 byte), operation id (16), number of upserts
/// (int32), for each the id, the vector and the payload, number of deletes (int32), for each the id. Ids, vectors and
/// payloads are a length in bytes (int32) and the bytes; a payload's length is −1 when there is none.
/// </summary>
/// <remarks>The log checks the bytes themselves (CRC); here only the format is checked.</remarks>
internal static class WriteRecord
{
    private const byte Version = 1;
    private const int GuidBytes = 16;
    private const int Absent = -1;

    public static byte[] Encode(ShardWrite write)
    {
        ArrayBufferWriter<byte> output = new(EstimateBytes(write));
        output.Write([Version]);
        write.OperationId.TryWriteBytes(output.GetSpan(GuidBytes));
        output.Advance(GuidBytes);
        WriteInt(output, write.Upserts.Length);
        foreach (ShardItem item in write.Upserts)
        {
            WriteBytes(output, Encoding.UTF8.GetBytes(item.Id));
            WriteBytes(output, item.Vector.Bytes.Span);
            if (item.Payload is { } payload)
            {
                WriteBytes(output, payload.Span);
            }
            else
            {
                WriteInt(output, Absent);
            }
        }

        WriteInt(output, write.Deletes.Length);
        foreach (string id in write.Deletes)
        {
            WriteBytes(output, Encoding.UTF8.GetBytes(id));
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads a record; vectors and payloads are slices of <paramref name="body"/>.</summary>
    /// <exception cref="ClusterException">Corrupt: it is not of this format.</exception>
    public static ShardWrite Decode(ReadOnlyMemory<byte> body, string shard, long lsn)
    {
        try
        {
            if (body.Span[0] != Version)
            {
                throw Corrupt(shard, lsn, $"has format {body.Span[0]}; this version reads {Version}");
            }

            int offset = 1 + GuidBytes;
            Guid operation = new(body.Span.Slice(1, GuidBytes));
            ShardItem[] upserts = new ShardItem[ReadCount(body, ref offset)];
            for (int i = 0; i < upserts.Length; i++)
            {
                upserts[i] = new ShardItem
                {
                    Id = Encoding.UTF8.GetString(ReadBytes(body, ref offset)!.Value.Span),
                    Vector = new EmbeddingVector(ReadBytes(body, ref offset)!.Value),
                    Payload = ReadBytes(body, ref offset),
                };
            }

            string[] deletes = new string[ReadCount(body, ref offset)];
            for (int i = 0; i < deletes.Length; i++)
            {
                deletes[i] = Encoding.UTF8.GetString(ReadBytes(body, ref offset)!.Value.Span);
            }

            return offset == body.Length
                ? new ShardWrite { OperationId = operation, Incarnation = default, Upserts = upserts, Deletes = deletes }
                : throw Corrupt(shard, lsn, $"has {body.Length - offset} bytes too many");
        }
        catch (Exception exception) when (exception is ArgumentException or IndexOutOfRangeException or InvalidOperationException)
        {
            throw Corrupt(shard, lsn, "ends too early");
        }
    }

    /// <summary>About how many bytes an item takes in the log.</summary>
    public static int EstimateBytes(ShardItem item) => (item.Id.Length * 3) + item.Vector.Bytes.Length + (item.Payload?.Length ?? 0) + 12;

    private static int EstimateBytes(ShardWrite write) =>
        64 + write.Upserts.Sum(EstimateBytes) + write.Deletes.Sum(id => (id.Length * 3) + 4);

    private static void WriteInt(ArrayBufferWriter<byte> output, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(output.GetSpan(sizeof(int)), value);
        output.Advance(sizeof(int));
    }

    private static void WriteBytes(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        WriteInt(output, bytes.Length);
        output.Write(bytes);
    }

    private static int ReadCount(ReadOnlyMemory<byte> body, ref int offset)
    {
        int count = BinaryPrimitives.ReadInt32LittleEndian(body.Span[offset..]);
        offset += sizeof(int);
        // Every element takes at least its length: a count beyond that is damage and must not become an allocation.
        return count >= 0 && count <= (body.Length - offset) / sizeof(int)
            ? count
            : throw new ArgumentException("The count is out of range.", nameof(body));
    }

    private static ReadOnlyMemory<byte>? ReadBytes(ReadOnlyMemory<byte> body, ref int offset)
    {
        int length = BinaryPrimitives.ReadInt32LittleEndian(body.Span[offset..]);
        offset += sizeof(int);
        if (length == Absent)
        {
            return null;
        }

        ReadOnlyMemory<byte> bytes = body.Slice(offset, length);
        offset += length;
        return bytes;
    }

    private static ClusterException Corrupt(string shard, long lsn, string what) =>
        new(ErrorCode.Corrupt, $"Record {lsn} of shard {shard} {what}.");
}
