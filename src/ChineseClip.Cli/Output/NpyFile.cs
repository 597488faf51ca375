using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using ChineseClip.Cli.Running;

namespace ChineseClip.Cli.Output;

/// <summary>Reads NumPy's array files, version 1.0, little-endian float32 in C order; the model library writes them.</summary>
/// <remarks>Source: NumPy, numpy/lib/format.py.</remarks>
internal static class NpyFile
{
    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads a vector: an array of one dimension, or of several of which all but one are 1.</summary>
    public static float[] ReadVector(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        if (file.Length < 10 || !file.AsSpan(0, Magic.Length).SequenceEqual(Magic) || file[6] != 1)
        {
            throw new CommandFailedException($"'{path}' is not a .npy file of version 1.0.");
        }

        int start = 10 + file[8] + (file[9] << 8);
        string header = start <= file.Length ? Encoding.ASCII.GetString(file, 10, start - 10) : string.Empty;
        if (!header.Contains("'<f4'", StringComparison.Ordinal) || !header.Contains("'fortran_order': False", StringComparison.Ordinal))
        {
            throw new CommandFailedException($"'{path}' does not hold little-endian float32 in C order: {header.Trim()}");
        }

        int open = header.IndexOf('(', StringComparison.Ordinal);
        int close = header.IndexOf(')', StringComparison.Ordinal);
        long[] shape = [.. header[(open + 1)..close].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(length => long.Parse(length, CultureInfo.InvariantCulture))];
        float[] values = MemoryMarshal.Cast<byte, float>(file.AsSpan(start)).ToArray();
        return shape.Count(length => length != 1) <= 1 && shape.Aggregate(1L, (product, length) => product * length) == values.Length
            ? values
            : throw new CommandFailedException($"'{path}' has the shape ({string.Join(", ", shape)}) and {values.Length} values; must be one vector.");
    }
}
