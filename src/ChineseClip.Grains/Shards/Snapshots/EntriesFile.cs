using System.Buffers.Binary;
using System.Text;

namespace ChineseClip.Grains.Shards.Snapshots;

/// <summary>
/// The entries of a shard as they lie in a snapshot, sorted by id. Format 1, little-endian: the mark, the number of entries (int32), for
/// each the ordinal in the graph (int32), the length of the id (int32) and its UTF-8 bytes, the length of the payload (int32, −1 for none)
/// and its bytes; the checksum.
/// </summary>
internal static class EntriesFile
{
    public const string Name = "entries";
    private const int LeastEntryBytes = 3 * sizeof(int);
    private const int Absent = -1;

    private static ReadOnlySpan<byte> Mark => "CCENTRY\x01"u8;

    public static void Write(string path, ShardEntry[] sorted, CancellationToken cancellationToken)
    {
        using CheckedFileWriter file = new(path, Mark);
        file.WriteInt(sorted.Length);
        foreach (ShardEntry entry in sorted)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] id = Encoding.UTF8.GetBytes(entry.Id);
            file.WriteInt(entry.Row);
            file.WriteInt(id.Length);
            file.Write(id);
            file.WriteInt(entry.Payload?.Length ?? Absent);
            if (entry.Payload is { } payload)
            {
                file.Write(payload.Span);
            }
        }

        file.Finish();
    }

    /// <summary>How many entries a file says it has; it is not checked.</summary>
    public static int ReadItemCount(string path)
    {
        using FileStream file = File.OpenRead(path);
        Span<byte> head = stackalloc byte[Mark.Length + sizeof(int)];
        file.ReadExactly(head);
        return BinaryPrimitives.ReadInt32LittleEndian(head[Mark.Length..]);
    }

    /// <exception cref="Abstractions.ClusterException">Corrupt.</exception>
    public static List<ShardEntry> Read(string path)
    {
        CheckedFileReader file = new(path, Mark);
        int count = file.ReadCount(LeastEntryBytes);
        List<ShardEntry> entries = new(count);
        for (int slot = 0; slot < count; slot++)
        {
            int ordinal = file.ReadInt();
            string id = Encoding.UTF8.GetString(file.ReadBytes(file.ReadInt()).Span);
            int length = file.ReadInt();
            ReadOnlyMemory<byte>? payload = length == Absent ? default(ReadOnlyMemory<byte>?) : file.ReadBytes(length);
            if (ordinal < 0 || (slot > 0 && string.CompareOrdinal(entries[^1].Id, id) >= 0))
            {
                throw file.Corrupt(0, $"has the entry {slot} out of order or without a vector");
            }

            entries.Add(new ShardEntry(id, slot, ordinal, payload));
        }

        return file.IsAtEnd ? entries : throw file.Corrupt(0, "has bytes behind its last entry");
    }
}
