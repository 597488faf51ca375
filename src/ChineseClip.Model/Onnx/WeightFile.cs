using System.Runtime.InteropServices;

namespace ChineseClip.Model.Onnx;

/// <summary>The file of a tower's numbers, to which its ONNX graphs point ("external data").</summary>
/// <remarks>
/// Tensors are appended as they come and read only then, so that a conversion holds one tensor at a time. A name asked for
/// again gives the place it has already, so that several graphs share one file. Large tensors begin on a page, for mapping.
/// </remarks>
internal sealed class WeightFile(string path, CancellationToken ct) : IDisposable
{
    private const int PageBytes = 4096;
    private const int LineBytes = 64;
    private const int PageAlignedFromBytes = 1 << 20;
    private readonly Dictionary<string, StoredWeight> _weights = new(StringComparer.Ordinal);
    private readonly FileStream _stream = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);

    public string FileName { get; } = Path.GetFileName(path);

    /// <summary>Where the named tensor lies, after writing it if it is new.</summary>
    public StoredWeight Store<T>(string name, OnnxType type, long[] shape, Func<T[]> read)
        where T : unmanaged
    {
        if (_weights.TryGetValue(name, out StoredWeight? known))
        {
            return known;
        }

        ct.ThrowIfCancellationRequested();
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(read().AsSpan());
        int alignment = bytes.Length >= PageAlignedFromBytes ? PageBytes : LineBytes;
        long offset = (_stream.Position + alignment - 1) / alignment * alignment;
        _stream.Write(new byte[offset - _stream.Position]);
        _stream.Write(bytes);
        var stored = new StoredWeight(name, type, shape, FileName, offset, bytes.Length);
        _weights.Add(name, stored);
        return stored;
    }

    /// <summary>Puts everything on the disk.</summary>
    public void Complete() => _stream.Flush(flushToDisk: true);

    public void Dispose() => _stream.Dispose();
}
