using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ChineseClip.Cli.Running;

namespace ChineseClip.Cli.Inputs;

/// <summary>The header of a NumPy array file of numbers in float16, float32 or float64, little-endian and in C order.</summary>
/// <param name="Shape">The array's extents.</param>
/// <param name="ValueBytes">Bytes of a number: 2, 4 or 8.</param>
/// <param name="Start">Where the numbers begin in the file.</param>
/// <remarks>Source: NumPy, numpy/lib/format.py, versions 1.0 to 3.0.</remarks>
internal sealed partial record NpyHeader(IReadOnlyList<int> Shape, int ValueBytes, long Start)
{
    private const int MaxHeaderBytes = 1 << 16;

    /// <summary>Numbers of the array.</summary>
    public long Count => Shape.Aggregate(1L, (product, extent) => product * extent);

    /// <summary>Reads the header, and checks that the file is as long as it says.</summary>
    /// <exception cref="CommandFailedException">The file is none, or of another type or order, or of another length.</exception>
    public static NpyHeader Read(FileStream file)
    {
        string text = ReadText(file);
        Match type = TypeField().Match(text);
        Match shape = ShapeField().Match(text);
        int[]? extents = shape.Success ? Extents(shape.Groups[1].Value) : null;
        if (!type.Success || extents is null || !text.Contains("'fortran_order': False", StringComparison.Ordinal))
        {
            throw Wrong(file, $"has the header {text.Trim()}; must be of '<f2', '<f4' or '<f8', in C order");
        }

        NpyHeader header = new(extents, type.Groups[1].Value[0] - '0', file.Position);
        long bytes = file.Length - file.Position;
        return bytes % header.ValueBytes == 0 && bytes / header.ValueBytes == header.Count
            ? header
            : throw Wrong(file, $"has {bytes} bytes of values; shape ({string.Join(", ", extents)}) needs {header.Count * header.ValueBytes}");
    }

    /// <summary>Makes numbers of their bytes.</summary>
    public float[] ToSingles(ReadOnlySpan<byte> bytes)
    {
        float[] values = new float[bytes.Length / ValueBytes];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> value = bytes.Slice(i * ValueBytes, ValueBytes);
            values[i] = ValueBytes switch
            {
                sizeof(float) => BinaryPrimitives.ReadSingleLittleEndian(value),
                sizeof(double) => (float)BinaryPrimitives.ReadDoubleLittleEndian(value),
                _ => (float)BinaryPrimitives.ReadHalfLittleEndian(value),
            };
        }

        return values;
    }

    /// <summary>Reads a vector: an array of one dimension, or of several of which all but one are 1.</summary>
    public static float[] ReadVector(string path)
    {
        using FileStream file = File.OpenRead(path);
        NpyHeader header = Read(file);
        if (header.Shape.Count(extent => extent != 1) > 1 || header.Count == 0)
        {
            throw Wrong(file, $"has the shape ({string.Join(", ", header.Shape)}); must be one vector");
        }

        byte[] bytes = new byte[checked((int)(file.Length - header.Start))];
        file.ReadExactly(bytes);
        return header.ToSingles(bytes);
    }

    private static string ReadText(FileStream file)
    {
        Span<byte> start = stackalloc byte[8];
        if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length
            || start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8) || start[6] is 0 or > 3)
        {
            throw Wrong(file, "is not a .npy file of version 1.0 to 3.0");
        }

        Span<byte> length = stackalloc byte[start[6] == 1 ? sizeof(ushort) : sizeof(uint)];
        if (file.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) < length.Length)
        {
            throw Wrong(file, "ends within its header");
        }

        uint bytes = length.Length == sizeof(ushort)
            ? BinaryPrimitives.ReadUInt16LittleEndian(length)
            : BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (bytes > MaxHeaderBytes || bytes > file.Length - file.Position)
        {
            throw Wrong(file, $"has a header of {bytes} bytes; must be at most {Math.Min(MaxHeaderBytes, file.Length - file.Position)}");
        }

        byte[] header = new byte[bytes];
        file.ReadExactly(header);
        return Encoding.UTF8.GetString(header);
    }

    /// <returns>Null where an extent is no number, or they are more numbers than a file can hold.</returns>
    private static int[]? Extents(string tuple)
    {
        string[] parts = tuple.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        int[] extents = new int[parts.Length];
        double product = 1;
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out extents[i]))
            {
                return null;
            }

            product *= extents[i];
        }

        return product < long.MaxValue / 8 ? extents : null;
    }

    private static CommandFailedException Wrong(FileStream file, string detail) => new($"'{file.Name}' {detail}.");

    [GeneratedRegex(@"'descr': '<f([248])'")]
    private static partial Regex TypeField();

    [GeneratedRegex(@"'shape': \(([0-9, ]*)\)")]
    private static partial Regex ShapeField();
}
