using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ChineseClip.Testing;

/// <summary>One array of a .npy file, held as numpy stored it and handed out in C order.</summary>
/// <remarks>
/// Reads versions 1 to 3 of the format, little-endian 'f2', 'f4', 'f8', 'u1', 'i1', 'i2', 'i4', 'i8', 'b1', in C and Fortran order.
/// Source: numpy, doc/neps/nep-0001-npy-format.
/// </remarks>
public sealed partial class NpyArray
{
    private static readonly byte[] Magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];
    private static readonly string[] SupportedTypes = ["<f2", "<f4", "<f8", "|u1", "|i1", "<i2", "<i4", "<i8", "|b1"];

    private readonly byte[] _data;
    private readonly bool _fortranOrder;
    private readonly int _itemSize;

    private NpyArray(int[] shape, string dtype, bool fortranOrder, byte[] data)
    {
        Shape = shape;
        DType = dtype;
        _fortranOrder = fortranOrder;
        _itemSize = int.Parse(dtype[2..], CultureInfo.InvariantCulture);
        _data = data;
    }

    public int[] Shape { get; }

    /// <summary>Numpy's name of the element type, such as "&lt;f4".</summary>
    public string DType { get; }

    public int Count => Shape.Aggregate(1, (product, extent) => checked(product * extent));

    public static NpyArray Read(string path) => Parse(File.ReadAllBytes(path), path);

    public static NpyArray Parse(byte[] file, string name)
    {
        if (file.Length < 10 || !file.AsSpan(0, 6).SequenceEqual(Magic))
        {
            throw new InvalidDataException($"{name}: not a .npy array (length {file.Length} bytes).");
        }

        var wide = file[6] >= 2;
        var headerBytes = wide ? BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(8)) : BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(8));
        var headerStart = wide ? 12 : 10;
        var header = Encoding.UTF8.GetString(file, headerStart, headerBytes);
        var dtype = DescriptorPattern().Match(header).Groups[1].Value;
        if (!SupportedTypes.Contains(dtype))
        {
            throw new InvalidDataException($"{name}: element type '{dtype}' is not one of {string.Join(' ', SupportedTypes)}.");
        }

        var shape = ShapePattern().Match(header).Groups[1].Value
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(extent => int.Parse(extent, CultureInfo.InvariantCulture)).ToArray();
        var array = new NpyArray(shape, dtype, FortranPattern().IsMatch(header), file[(headerStart + headerBytes)..]);
        var expectedBytes = (long)array.Count * array._itemSize;
        return array._data.Length == expectedBytes
            ? array
            : throw new InvalidDataException($"{name}: {array._data.Length} data bytes; shape and type need {expectedBytes}.");
    }

    public float[] AsSingle() => Convert(ReadSingle);

    public double[] AsDouble() => Convert(ReadDouble);

    public long[] AsInt64() => Convert(ReadInt64);

    public byte[] AsBytes() => DType is "|u1" or "|b1"
        ? Convert(offset => _data[offset])
        : throw new InvalidOperationException($"Elements are '{DType}', not bytes.");

    private float ReadSingle(int offset) => DType == "<f4"
        ? BinaryPrimitives.ReadSingleLittleEndian(_data.AsSpan(offset))
        : (float)ReadDouble(offset);

    private double ReadDouble(int offset) => DType switch
    {
        "<f2" => (double)BinaryPrimitives.ReadHalfLittleEndian(_data.AsSpan(offset)),
        "<f4" => BinaryPrimitives.ReadSingleLittleEndian(_data.AsSpan(offset)),
        "<f8" => BinaryPrimitives.ReadDoubleLittleEndian(_data.AsSpan(offset)),
        _ => ReadInt64(offset),
    };

    private long ReadInt64(int offset) => DType switch
    {
        "|u1" or "|b1" => _data[offset],
        "|i1" => (sbyte)_data[offset],
        "<i2" => BinaryPrimitives.ReadInt16LittleEndian(_data.AsSpan(offset)),
        "<i4" => BinaryPrimitives.ReadInt32LittleEndian(_data.AsSpan(offset)),
        "<i8" => BinaryPrimitives.ReadInt64LittleEndian(_data.AsSpan(offset)),
        _ => throw new InvalidOperationException($"Elements are '{DType}', not integers."),
    };

    private T[] Convert<T>(Func<int, T> read)
    {
        var values = new T[Count];
        if (!_fortranOrder)
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = read(i * _itemSize);
            }

            return values;
        }

        // Stored with the first index running fastest: walk the C-order indices and compute where each was put.
        var index = new int[Shape.Length];
        for (var i = 0; i < values.Length; i++)
        {
            int stored = 0, stride = 1;
            for (var axis = 0; axis < index.Length; axis++)
            {
                stored += index[axis] * stride;
                stride *= Shape[axis];
            }

            values[i] = read(stored * _itemSize);
            for (var axis = index.Length - 1; axis >= 0 && ++index[axis] == Shape[axis]; axis--)
            {
                index[axis] = 0;
            }
        }

        return values;
    }

    [GeneratedRegex(@"'descr':\s*'([^']*)'")]
    private static partial Regex DescriptorPattern();

    [GeneratedRegex(@"'fortran_order':\s*True")]
    private static partial Regex FortranPattern();

    [GeneratedRegex(@"'shape':\s*\(([^)]*)\)")]
    private static partial Regex ShapePattern();
}
