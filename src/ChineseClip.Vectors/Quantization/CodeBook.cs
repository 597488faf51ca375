using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;

namespace ChineseClip.Vectors.Quantization;

/// <summary>The codes of all slots under one quantizer. A new quantizer makes a new book; searches under way keep the old one.</summary>
/// <remarks>Layout: a row of codes a slot, 64-byte aligned and padded with zeros; beside it the squared length of the row, an int.</remarks>
internal sealed unsafe class CodeBook(ScalarQuantizer quantizer, int dimension) : IDisposable
{
    private readonly ChunkedRows _codes = new(RowBytesFor(dimension));
    private readonly ChunkedRows _squaredLengths = new(sizeof(int));
    private long _encodedCount;
    private long _clippedCount;

    public int RowBytes => _codes.RowBytes;

    /// <summary>Vectors and elements written since the quantizer was fitted, and how many of these lay outside its range.</summary>
    public long EncodedCount => Interlocked.Read(ref _encodedCount);

    public long ClippedCount => Interlocked.Read(ref _clippedCount);

    public ChunkedRows.View CodeRows => _codes.Rows;

    public ChunkedRows.View SquaredLengthRows => _squaredLengths.Rows;

    public long MemoryBytes(int rowCount) => _codes.BytesFor(rowCount) + _squaredLengths.BytesFor(rowCount);

    public void EnsureRows(int rowCount)
    {
        _codes.EnsureRows(rowCount);
        _squaredLengths.EnsureRows(rowCount);
    }

    /// <summary>Writes a row that exists; several threads may write different rows.</summary>
    public void Write(int ordinal, ReadOnlySpan<float> vector)
    {
        byte* row = _codes.Rows[ordinal];
        Interlocked.Add(ref _clippedCount, quantizer.Encode(vector, new Span<byte>(row, RowBytes)));
        Interlocked.Increment(ref _encodedCount);
        *(int*)_squaredLengths.Rows[ordinal] = CodeKernel.Dot(row, (sbyte*)row, RowBytes);
    }

    public void Dispose()
    {
        _codes.Dispose();
        _squaredLengths.Dispose();
    }

    private static int RowBytesFor(int dimension) => (dimension + CodeKernel.Block - 1) / CodeKernel.Block * CodeKernel.Block;
}
