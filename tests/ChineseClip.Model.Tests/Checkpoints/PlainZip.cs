using System.Buffers.Binary;
using System.Text;

namespace ChineseClip.Model.Tests.Checkpoints;

/// <summary>Writes and takes apart zip files whose entries are stored as they are.</summary>
/// <remarks>Source: PKWARE APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16.</remarks>
internal static class PlainZip
{
    public const int LocalBytes = 30;
    public const int EntryBytes = 46;
    public const int EndBytes = 22;

    public static byte[] Make(IReadOnlyList<(string Name, byte[] Content)> entries)
    {
        var file = new List<byte>();
        var directory = new List<byte>();
        foreach ((string name, byte[] content) in entries)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(name);
            byte[] local = new byte[LocalBytes];
            byte[] entry = new byte[EntryBytes];
            BinaryPrimitives.WriteUInt32LittleEndian(local, 0x04034b50);
            BinaryPrimitives.WriteInt32LittleEndian(local.AsSpan(18), content.Length);
            BinaryPrimitives.WriteInt32LittleEndian(local.AsSpan(22), content.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(local.AsSpan(26), (ushort)utf8.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(entry, 0x02014b50);
            BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(20), content.Length);
            BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(24), content.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(28), (ushort)utf8.Length);
            BinaryPrimitives.WriteInt32LittleEndian(entry.AsSpan(42), file.Count);
            file.AddRange([.. local, .. utf8, .. content]);
            directory.AddRange([.. entry, .. utf8]);
        }

        byte[] end = new byte[EndBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(8), (ushort)entries.Count);
        BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(10), (ushort)entries.Count);
        BinaryPrimitives.WriteInt32LittleEndian(end.AsSpan(12), directory.Count);
        BinaryPrimitives.WriteInt32LittleEndian(end.AsSpan(16), file.Count);
        return [.. file, .. directory, .. end];
    }

    /// <summary>The entries of a sound zip of this kind; none of a damaged one.</summary>
    public static List<(string Name, byte[] Content)> Split(byte[] file)
    {
        var entries = new List<(string, byte[])>();
        int place = 0;
        while (place + LocalBytes <= file.Length && BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(place)) == 0x04034b50)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(place + 22));
            int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(place + 26));
            int start = place + LocalBytes + nameLength + BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(place + 28));
            if (length < 0 || start > file.Length - length)
            {
                return [];
            }

            entries.Add((Encoding.UTF8.GetString(file, place + LocalBytes, nameLength), file[start..(start + length)]));
            place = start + length;
        }

        return entries;
    }
}
