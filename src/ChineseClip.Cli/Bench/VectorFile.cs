using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ChineseClip.Cli.Running;
using ChineseClip.Vectors;

namespace ChineseClip.Cli.Bench;

/// <summary>The fvecs and ivecs formats: each row is its length as a little-endian int32, then its elements, 4 bytes each.</summary>
internal static class VectorFile
{
    private const int BufferBytes = 1 << 20;

    public static void Write<T>(string path, VectorRows<T> rows) where T : unmanaged
    {
        using BufferedStream stream = new(File.Create(path), BufferBytes);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, rows.Dimension);
        for (int i = 0; i < rows.Count; i++)
        {
            stream.Write(length);
            stream.Write(MemoryMarshal.AsBytes(rows[i]));
        }
    }

    /// <summary>Reads vectors that an index takes: finite and of length 1, or made so.</summary>
    /// <exception cref="CommandFailedException">The file is not in the format, or a row is no unit vector; the message has the place.</exception>
    public static VectorRows<float> ReadUnitVectors(string path, bool normalize)
    {
        VectorRows<float> rows = Read<float>(path, HnswParameters.MaxDimension);
        for (int i = 0; i < rows.Count; i++)
        {
            Span<float> row = rows.Row(i);
            float length = VectorMath.Norm(row);
            if (!float.IsFinite(length) || (normalize && length == 0))
            {
                throw Bad(path, i, rows.Dimension, $"has length {length}; must be finite and above 0.");
            }
            if (normalize)
            {
                VectorMath.Normalize(row);
            }
            else if (MathF.Abs(length - 1) > VectorMath.UnitTolerance)
            {
                throw Bad(
                    path, i, rows.Dimension, $"has length {length}; must be 1 within {VectorMath.UnitTolerance}; --normalize makes it so.");
            }
        }
        return rows;
    }

    /// <summary>Reads rows of ids.</summary>
    /// <param name="path">An ivecs file.</param>
    /// <param name="idCount">Every id is below.</param>
    public static VectorRows<int> ReadIds(string path, int idCount)
    {
        VectorRows<int> rows = Read<int>(path, int.MaxValue / sizeof(int) - 1);
        for (int i = 0; i < rows.Count; i++)
        {
            foreach (int id in rows[i])
            {
                if ((uint)id >= (uint)idCount)
                {
                    throw Bad(path, i, rows.Dimension, $"has id {id}; must be 0..{idCount - 1}.");
                }
            }
        }
        return rows;
    }

    private static VectorRows<T> Read<T>(string path, int maxDimension) where T : unmanaged
    {
        using BufferedStream stream = new(File.OpenRead(path), BufferBytes);
        Span<byte> head = stackalloc byte[sizeof(int)];
        if (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length)
        {
            throw new CommandFailedException($"{path} has {stream.Length} bytes; must begin with the length of its first row.");
        }
        int dimension = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (dimension < 1 || dimension > maxDimension)
        {
            throw new CommandFailedException($"{path}, byte 0: the first row has {dimension} elements; must be 1..{maxDimension}.");
        }
        long rowBytes = sizeof(int) * (dimension + 1L);
        if (stream.Length % rowBytes != 0)
        {
            throw new CommandFailedException(
                $"{path} has {stream.Length} bytes; must be a multiple of {rowBytes}, the bytes of a row of {dimension} elements.");
        }
        long elementCount = stream.Length / rowBytes * dimension;
        if (elementCount > Array.MaxLength)
        {
            throw new CommandFailedException($"{path} has {elementCount} elements; this command takes {Array.MaxLength}.");
        }
        VectorRows<T> rows = new(new T[elementCount], dimension);
        for (int i = 0; i < rows.Count; i++)
        {
            if (i > 0)
            {
                stream.ReadExactly(head);
                int length = BinaryPrimitives.ReadInt32LittleEndian(head);
                if (length != dimension)
                {
                    throw Bad(path, i, dimension, $"has {length} elements; must have {dimension} as the first.");
                }
            }
            stream.ReadExactly(MemoryMarshal.AsBytes(rows.Row(i)));
        }
        return rows;
    }

    private static CommandFailedException Bad(string path, int row, int dimension, string message) =>
        new($"{path}, row {row} at byte {row * sizeof(int) * (dimension + 1L)}: {message}");
}
