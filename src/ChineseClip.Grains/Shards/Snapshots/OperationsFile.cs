using ChineseClip.Abstractions;

namespace ChineseClip.Grains.Shards.Snapshots;

/// <summary>
/// The operations that a shard remembers, oldest first, so that a write repeated after a recovery still happens once. Format 1,
/// little-endian: the mark, their number (int32), for each its id (16 bytes), epoch and LSN (int64), the number of upserts (int32) and a
/// byte for each (0 created, 1 updated), the number of deletes (int32) and a byte for each (1 when it was there); the checksum.
/// </summary>
internal static class OperationsFile
{
    public const string Name = "operations";
    private const int GuidBytes = 16;
    private const int LeastOperationBytes = GuidBytes + (2 * sizeof(long)) + (2 * sizeof(int));

    private static ReadOnlySpan<byte> Mark => "CCOPERS\x01"u8;

    public static void Write(string path, IReadOnlyList<KeyValuePair<Guid, ShardWriteAnswer>> operations)
    {
        using CheckedFileWriter file = new(path, Mark);
        file.WriteInt(operations.Count);
        Span<byte> id = stackalloc byte[GuidBytes];
        foreach ((Guid operation, ShardWriteAnswer answer) in operations)
        {
            operation.TryWriteBytes(id);
            file.Write(id);
            file.WriteLong(answer.Epoch);
            file.WriteLong(answer.Lsn);
            file.WriteInt(answer.Upserts.Length);
            file.Write(Array.ConvertAll(answer.Upserts, status => (byte)(status == ItemStatus.Updated ? 1 : 0)));
            file.WriteInt(answer.Deleted.Length);
            file.Write(Array.ConvertAll(answer.Deleted, deleted => (byte)(deleted ? 1 : 0)));
        }

        file.Finish();
    }

    /// <exception cref="ClusterException">Corrupt.</exception>
    public static List<KeyValuePair<Guid, ShardWriteAnswer>> Read(string path)
    {
        CheckedFileReader file = new(path, Mark);
        int count = file.ReadCount(LeastOperationBytes);
        List<KeyValuePair<Guid, ShardWriteAnswer>> operations = new(count);
        for (int i = 0; i < count; i++)
        {
            Guid operation = new(file.ReadBytes(GuidBytes).Span);
            ShardWriteAnswer answer = new()
            {
                Epoch = file.ReadLong(),
                Lsn = file.ReadLong(),
                Upserts = Array.ConvertAll(
                    file.ReadBytes(file.ReadCount(1)).ToArray(), status => status == 1 ? ItemStatus.Updated : ItemStatus.Created),
                Deleted = Array.ConvertAll(file.ReadBytes(file.ReadCount(1)).ToArray(), deleted => deleted == 1),
            };
            operations.Add(new KeyValuePair<Guid, ShardWriteAnswer>(operation, answer));
        }

        return file.IsAtEnd ? operations : throw file.Corrupt(0, "has bytes behind its last operation");
    }
}
