using System.Runtime.InteropServices;
using ChineseClip.Vectors.Memory;

namespace ChineseClip.Vectors.Persistence;

/// <summary>Collects what an index is made of at one moment, by name: tables of rows (frozen), numbers and lists (copied).</summary>
/// <remarks>Every part of an index has a method Capture that adds to this and a method Restore that takes the same out again.</remarks>
internal sealed class SnapshotCapture : IDisposable
{
    private readonly List<(string Name, ChunkCapture Rows)> _tables = [];
    private readonly SortedDictionary<string, long> _numbers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, byte[]> _lists = new(StringComparer.Ordinal);

    public IReadOnlyList<(string Name, ChunkCapture Rows)> Tables => _tables;

    public IReadOnlyDictionary<string, long> Numbers => _numbers;

    public IReadOnlyDictionary<string, byte[]> Lists => _lists;

    public void AddTable(string name, ChunkedRows rows, int rowCount) => _tables.Add((name, rows.BeginCapture(rowCount)));

    public void AddNumber(string name, long value) => _numbers.Add(name, value);

    public void AddList<T>(string name, ReadOnlySpan<T> elements) where T : unmanaged =>
        _lists.Add(name, MemoryMarshal.AsBytes(elements).ToArray());

    public void Dispose()
    {
        foreach ((_, ChunkCapture rows) in _tables)
        {
            rows.Dispose();
        }
    }
}
