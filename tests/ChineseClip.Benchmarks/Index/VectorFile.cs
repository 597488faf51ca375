using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ChineseClip.Benchmarks.Index;

/// <summary>The fvecs and ivecs formats: each row is its length as a little-endian int32, then its elements.</summary>
internal static class VectorFile
{
    public static void Write<T>(string path, IEnumerable<T[]> rows) where T : unmanaged
    {
        using BufferedStream stream = new(File.Create(path), 1 << 20);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (T[] row in rows)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, row.Length);
            stream.Write(length);
            stream.Write(MemoryMarshal.AsBytes<T>(row));
        }
    }

    public static T[][] Read<T>(string path) where T : unmanaged
    {
        using BufferedStream stream = new(File.OpenRead(path), 1 << 20);
        List<T[]> rows = [];
        Span<byte> length = stackalloc byte[sizeof(int)];
        while (stream.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) == length.Length)
        {
            T[] row = new T[BinaryPrimitives.ReadInt32LittleEndian(length)];
            stream.ReadExactly(MemoryMarshal.AsBytes(row.AsSpan()));
            rows.Add(row);
        }
        return [.. rows];
    }
}
