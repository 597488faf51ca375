using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Persistence;

namespace ChineseClip.Vectors.Quantization;

/// <summary>The codes of all slots under one quantizer. A new quantizer makes a new book; searches under way keep the old one.</summary>
/// <remarks>Layout: a row of codes a slot, 64-byte aligned and padded with zeros; beside it the squared length of the row, an int.</remarks>
internal sealed unsafe class CodeBook(ScalarQuantizer quantizer, int dimension, WriteClock clock) : IDisposable
{
    private readonly ChunkedRows _codes = new(RowBytesFor(dimension), clock);
    private readonly ChunkedRows _squaredLengths = new(sizeof(int), clock);
    private long _encodedCount;
    private long _clippedCount;

    public int RowBytes => _codes.RowBytes;

    /// <summary>Codes a unit of the vectors' elements.</summary>
    public float Scale => quantizer.Scale;

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
        byte* row = _codes.Writable(ordinal);
        Interlocked.Add(ref _clippedCount, quantizer.Encode(vector, new Span<byte>(row, RowBytes)));
        Interlocked.Increment(ref _encodedCount);
        *(int*)_squaredLengths.Writable(ordinal) = CodeKernel.Dot(row, (sbyte*)row, RowBytes);
    }

    /// <summary>Adds the codes of the first slots to a snapshot.</summary>
    public void Capture(SnapshotCapture capture, int slotCount)
    {
        capture.AddTable("codes", _codes, slotCount);
        capture.AddTable("code-lengths", _squaredLengths, slotCount);
        capture.AddNumber("encodedCount", EncodedCount);
        capture.AddNumber("clippedCount", ClippedCount);
        capture.AddList<float>("quantizer", quantizer.ToArray());
    }

    public static CodeBook Restore(SnapshotImage image, int dimension, int slotCount, WriteClock clock)
    {
        float[] fitted = image.List<float>("quantizer");
        if (fitted.Length != dimension + 1)
        {
            throw image.Inconsistent($"list quantizer has {fitted.Length} elements; must have {dimension + 1}.");
        }
        CodeBook book = new(ScalarQuantizer.FromArray(fitted), dimension, clock)
        {
            _encodedCount = image.Number("encodedCount"),
            _clippedCount = image.Number("clippedCount"),
        };
        try
        {
            image.LoadTable("codes", book._codes, slotCount);
            image.LoadTable("code-lengths", book._squaredLengths, slotCount);
            return book;
        }
        catch
        {
            book.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _codes.Dispose();
        _squaredLengths.Dispose();
    }

    private static int RowBytesFor(int dimension) => (dimension + CodeKernel.Block - 1) / CodeKernel.Block * CodeKernel.Block;
}
