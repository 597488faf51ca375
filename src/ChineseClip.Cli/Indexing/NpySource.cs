using System.Globalization;
using ChineseClip.Cli.Inputs;
using ChineseClip.Cli.Running;
using ChineseClip.Contracts;

namespace ChineseClip.Cli.Indexing;

/// <summary>Ready vectors: a NumPy array of shape (n, dimension) in float16, float32 or float64, and a file with an id a line.</summary>
/// <remarks>Rows are read one after the other.</remarks>
internal sealed class NpySource : IndexSource
{
    private const int NumberBytes = 12;

    private readonly string _path;

    private readonly string _idFile;

    private readonly NpyHeader _header;

    public NpySource(string path, string idFile)
    {
        _path = path;
        _idFile = idFile;
        if (!File.Exists(idFile))
        {
            throw new CommandFailedException($"There is no file '{idFile}'.");
        }

        using FileStream file = File.OpenRead(path);
        _header = NpyHeader.Read(file);
        if (_header.Shape.Count != 2 || _header.Shape[1] == 0)
        {
            throw new CommandFailedException($"'{path}' has the shape ({string.Join(", ", _header.Shape)}); must be (n, dimension).");
        }

        Count = _header.Shape[0];
        int ids = File.ReadLines(idFile).Count();
        if (ids != Count)
        {
            throw new CommandFailedException($"'{idFile}' has {ids} ids and '{path}' {Count} vectors; must be as many.");
        }
    }

    public override string Noun => "vectors";

    public override int Count { get; }

    public override int? Dimension => _header.Shape[1];

    public override IEnumerable<IndexEntry> Entries()
    {
        using FileStream file = new(_path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        file.Position = _header.Start;
        byte[] row = new byte[_header.Shape[1] * _header.ValueBytes];
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
        float[] vector = _header.ToSingles(row);
        int wrong = Array.FindIndex(vector, value => !float.IsFinite(value));
        return wrong >= 0
            ? IndexEntry.Wrong(id, place, string.Create(CultureInfo.InvariantCulture, $"The vector has {vector[wrong]} at {wrong}; must be finite."))
            : new IndexEntry(id, place, vector.Length * NumberBytes, StampOf(row))
            {
                LoadAsync = _ => Task.FromResult(new PutItem { Id = id, Vector = vector }),
            };
    }
}
