using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ChineseClip.Model;

/// <summary>Writes float32 arrays as numpy's .npy files.</summary>
/// <remarks>Format version 1.0, C order, little-endian. Source: numpy, NEP 1.</remarks>
public static class Npy
{
    private const int Alignment = 64;
    private const int PreambleBytes = 10;

    /// <summary>Writes an array of any shape.</summary>
    /// <exception cref="ArgumentException">The shape does not have as many elements as there are values.</exception>
    public static void Write(Stream destination, ReadOnlySpan<float> values, ReadOnlySpan<int> shape)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var extents = new StringBuilder();
        long count = 1;
        foreach (var extent in shape)
        {
            count *= extent;
            extents.Append(CultureInfo.InvariantCulture, $"{extent}, ");
        }

        // Python writes a tuple of one with its comma and longer ones without the last.
        var tuple = shape.Length > 1 ? extents.ToString(0, extents.Length - 2) : extents.ToString().TrimEnd();
        if (count != values.Length)
        {
            throw new ArgumentException($"The shape ({tuple}) has {count} elements; {values.Length} values were given.", nameof(shape));
        }

        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({tuple}), }}";
        var total = (PreambleBytes + header.Length + Alignment) / Alignment * Alignment;
        header = header.PadRight(total - PreambleBytes - 1) + "\n";

        Span<byte> preamble = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(preamble[8..], (ushort)header.Length);
        destination.Write(preamble);
        destination.Write(Encoding.ASCII.GetBytes(header));

        var bytes = new byte[Math.Min(values.Length, 16384) * sizeof(float)];
        while (!values.IsEmpty)
        {
            var part = values[..Math.Min(values.Length, bytes.Length / sizeof(float))];
            for (var i = 0; i < part.Length; i++)
            {
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), part[i]);
            }

            destination.Write(bytes.AsSpan(0, part.Length * sizeof(float)));
            values = values[part.Length..];
        }
    }

    /// <summary>As <see cref="Write(Stream, ReadOnlySpan{float}, ReadOnlySpan{int})"/>, to a new file.</summary>
    public static void Write(string path, ReadOnlySpan<float> values, ReadOnlySpan<int> shape)
    {
        using var file = File.Create(path);
        Write(file, values, shape);
    }
}
