using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Persistence;

namespace ChineseClip.Vectors.Quantization;

/// <summary>The vectors that the best candidates are compared by, in float32 or in 16 bits. Codes are made from them anew when due.</summary>
/// <remarks>Layout: a row a slot, padded to 64 bytes. Threads: one writer a row, before readers can know of it.</remarks>
internal sealed unsafe class FullVectors : IDisposable
{
    private const int CacheLineBytes = 64;
    private readonly ChunkedRows _rows;
    private readonly int _dimension;

    public FullVectors(int dimension, bool in16Bits, WriteClock clock)
    {
        _dimension = dimension;
        In16Bits = in16Bits;
        _rows = new ChunkedRows(RowBytesFor(dimension, in16Bits), clock);
    }

    public bool In16Bits { get; }

    public ChunkedRows.View Rows => _rows.Rows;

    /// <summary>Elements of a 16-bit row with its padding.</summary>
    public int ShortsPerRow => _rows.RowBytes / sizeof(short);

    public static int RowBytesFor(int dimension, bool in16Bits)
    {
        int bytes = dimension * (in16Bits ? sizeof(short) : sizeof(float));
        return (bytes + CacheLineBytes - 1) / CacheLineBytes * CacheLineBytes;
    }

    public long BytesFor(int rowCount) => _rows.BytesFor(rowCount);

    public void EnsureRows(int rowCount) => _rows.EnsureRows(rowCount);

    public void Write(int ordinal, ReadOnlySpan<float> vector)
    {
        byte* row = _rows.Writable(ordinal);
        if (In16Bits)
        {
            ShortQuantizer.Encode(vector, new Span<short>(row, ShortsPerRow));
            return;
        }
        vector.CopyTo(new Span<float>(row, _dimension));
    }

    /// <summary>Exactly what was written, or within <see cref="ShortQuantizer.MaxElementError"/> of it.</summary>
    public void CopyTo(int ordinal, Span<float> vector)
    {
        byte* row = _rows.Rows[ordinal];
        if (In16Bits)
        {
            ShortQuantizer.Decode(new ReadOnlySpan<short>(row, _dimension), vector[.._dimension]);
            return;
        }
        new ReadOnlySpan<float>(row, _dimension).CopyTo(vector);
    }

    public void Capture(SnapshotCapture capture, int rowCount) => capture.AddTable("vectors", _rows, rowCount);

    public void Restore(SnapshotImage image, int rowCount) => image.LoadTable("vectors", _rows, rowCount);

    public void Dispose() => _rows.Dispose();
}
