using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Indexing;

/// <summary>Ready vectors: a NumPy array of shape (n, dimension) in float16, float32 or float64, and a file with an id a line.</summary>
/// <remarks>Source of the format: NumPy, numpy/lib/format.py, versions 1.0 to 3.0. Rows are read one after the other.</remarks>
internal sealed partial class NpySource : IndexSource
{
    private const int MaxHeaderBytes = 1 << 16;

    private const int NumberBytes = 12;

    private readonly string _path;

    private readonly string _idFile;

    private readonly long _start;

    private readonly int _dimension;

    private readonly int _valueBytes;

    public NpySource(string path, string idFile)
    {
        _path = path;
        _idFile = idFile;
        if (!File.Exists(idFile))
        {
            throw new CommandFailedException($"There is no file '{idFile}'.");
        }

        using FileStream file = File.OpenRead(path);
        string header = ReadHeader(file);
        _start = file.Position;
        Match type = TypeField().Match(header);
        Match shape = ShapeField().Match(header);
        if (!type.Success || !shape.Success || !header.Contains("'fortran_order': False", StringComparison.Ordinal)
            || !int.TryParse(shape.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            || !int.TryParse(shape.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out _dimension))
        {
            throw Wrong($"has the header {header.Trim()}; must be of shape (n, dimension), '<f2', '<f4' or '<f8', in C order");
        }

        Count = count;
        _valueBytes = type.Groups[1].Value[0] - '0';
        if (file.Length - _start != (long)count * _dimension * _valueBytes)
        {
            throw Wrong($"has {file.Length - _start} bytes of values; shape ({count}, {_dimension}) needs {(long)count * _dimension * _valueBytes}");
        }

        int ids = File.ReadLines(idFile).Count();
        if (ids != count)
        {
            throw new CommandFailedException($"'{idFile}' has {ids} ids and '{path}' {count} vectors; must be as many.");
        }
    }

    public override string Noun => "vectors";

    public override int Count { get; }

    public override int? Dimension => _dimension;

    public override IEnumerable<IndexEntry> Entries()
    {
        using FileStream file = new(_path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        file.Position = _start;
        byte[] row = new byte[_dimension * _valueBytes];
        int number = 0;
        foreach (string line in File.ReadLines(_idFile))
        {
            file.ReadExactly(row);
            string place = string.Create(CultureInfo.InvariantCulture, $"{_path}, row {number++}");
            string id = line.Trim();
            yield return id.Length > 0 ? Entry(id, place, row) : IndexEntry.Wrong(id, place, $"Line {number} of '{_idFile}' is blank; must be an id.");
        }
    }

    private IndexEntry Entry(string id, string place, byte[] row)
    {
        float[] vector = new float[_dimension];
        for (int i = 0; i < vector.Length; i++)
        {
            ReadOnlySpan<byte> value = row.AsSpan(i * _valueBytes, _valueBytes);
            vector[i] = _valueBytes switch
            {
                sizeof(float) => BinaryPrimitives.ReadSingleLittleEndian(value),
                sizeof(double) => (float)BinaryPrimitives.ReadDoubleLittleEndian(value),
                _ => (float)BinaryPrimitives.ReadHalfLittleEndian(value),
            };
        }

        int wrong = Array.FindIndex(vector, value => !float.IsFinite(value));
        return wrong >= 0
            ? IndexEntry.Wrong(id, place, string.Create(CultureInfo.InvariantCulture, $"The vector has {vector[wrong]} at {wrong}; must be finite."))
            : new IndexEntry(id, place, vector.Length * NumberBytes, StampOf(row))
            {
                LoadAsync = _ => Task.FromResult(new PutItem { Id = id, Vector = vector }),
            };
    }

    private string ReadHeader(FileStream file)
    {
        Span<byte> start = stackalloc byte[8];
        if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length
            || start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8) || start[6] is 0 or > 3)
        {
            throw Wrong("is not a .npy file of version 1.0 to 3.0");
        }

        Span<byte> length = stackalloc byte[start[6] == 1 ? sizeof(ushort) : sizeof(uint)];
        file.ReadExactly(length);
        uint bytes = length.Length == sizeof(ushort)
            ? BinaryPrimitives.ReadUInt16LittleEndian(length)
            : BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (bytes > MaxHeaderBytes || bytes > file.Length - file.Position)
        {
            throw Wrong($"has a header of {bytes} bytes; must be at most {Math.Min(MaxHeaderBytes, file.Length - file.Position)}");
        }

        byte[] header = new byte[bytes];
        file.ReadExactly(header);
        return Encoding.UTF8.GetString(header);
    }

    private CommandFailedException Wrong(string detail) => new($"'{_path}' {detail}.");

    [GeneratedRegex(@"'descr': '<f([248])'")]
    private static partial Regex TypeField();

    [GeneratedRegex(@"'shape': \((\d+), (\d+)\)")]
    private static partial Regex ShapeField();
}
