using ChineseClip.Vectors.Graph;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Persistence;

namespace ChineseClip.Vectors.Quantization;

/// <summary>The codes of all slots under one quantizer. A new quantizer makes a new book; searches under way keep the old one.</summary>
/// <remarks>
/// Layout: a row of codes a slot, 64-byte aligned and padded with zeros; beside it the squared length of the row, an int, and from
/// <see cref="SignSketch.MinDimension"/> dimensions on a <see cref="SignSketch"/>.
/// </remarks>
internal sealed unsafe class CodeBook(ScalarQuantizer quantizer, int dimension, WriteClock clock) : IDisposable
{
    private const string SketchTable = "sketches";
    private readonly ChunkedRows _codes = new(RowBytesFor(dimension), clock);
    private readonly ChunkedRows _squaredLengths = new(sizeof(int), clock);
    private readonly ChunkedRows? _sketches =
        dimension < SignSketch.MinDimension ? null : new ChunkedRows(SketchKernel.RowBytes, clock);
    private readonly SignSketch? _sketch = dimension < SignSketch.MinDimension ? null : new SignSketch(quantizer.Mean);
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

    /// <summary>Makes sketches; null for vectors so short that they have none.</summary>
    public SignSketch? Sketch => _sketch;

    public ChunkedRows.View SketchRows => _sketches!.Rows;

    /// <summary>Standard deviation of an estimated score, for a query of which a length of 1 is left without the mean.</summary>
    public double SketchDeviation => _sketch!.RelativeDeviation * quantizer.TypicalLength;

    public long MemoryBytes(int rowCount) =>
        _codes.BytesFor(rowCount) + _squaredLengths.BytesFor(rowCount) + (_sketches?.BytesFor(rowCount) ?? 0);

    public void EnsureRows(int rowCount)
    {
        _codes.EnsureRows(rowCount);
        _squaredLengths.EnsureRows(rowCount);
        _sketches?.EnsureRows(rowCount);
    }

    /// <summary>Writes a row that exists; several threads may write different rows.</summary>
    public void Write(int ordinal, ReadOnlySpan<float> vector)
    {
        byte* row = _codes.Writable(ordinal);
        Interlocked.Add(ref _clippedCount, quantizer.Encode(vector, new Span<byte>(row, RowBytes)));
        Interlocked.Increment(ref _encodedCount);
        *(int*)_squaredLengths.Writable(ordinal) = CodeKernel.Dot(row, (sbyte*)row, RowBytes);
        WriteSketch(ordinal, vector);
    }

    private void WriteSketch(int ordinal, ReadOnlySpan<float> vector)
    {
        if (_sketch is not null)
        {
            _sketch.Encode(vector, _sketches!.Writable(ordinal), stackalloc float[_sketch.WorkLength]);
        }
    }

    /// <summary>Adds the codes of the first slots to a snapshot.</summary>
    public void Capture(SnapshotCapture capture, int slotCount)
    {
        capture.AddTable("codes", _codes, slotCount);
        capture.AddTable("code-lengths", _squaredLengths, slotCount);
        if (_sketches is not null)
        {
            capture.AddTable(SketchTable, _sketches, slotCount);
        }
        capture.AddNumber("encodedCount", EncodedCount);
        capture.AddNumber("clippedCount", ClippedCount);
        capture.AddList<float>("quantizer", quantizer.ToArray());
    }

    /// <summary>Takes the codes of the first slots from a snapshot; of one without sketches these are made from the vectors.</summary>
    public static CodeBook Restore(SnapshotImage image, GraphStore store)
    {
        float[] fitted = image.List<float>("quantizer");
        int dimension = store.Dimension;
        int slotCount = store.SlotCount;
        if (fitted.Length != dimension + 1)
        {
            throw image.Inconsistent($"list quantizer has {fitted.Length} elements; must have {dimension + 1}.");
        }
        CodeBook book = new(ScalarQuantizer.FromArray(fitted), dimension, store.Clock)
        {
            _encodedCount = image.Number("encodedCount"),
            _clippedCount = image.Number("clippedCount"),
        };
        try
        {
            image.LoadTable("codes", book._codes, slotCount);
            image.LoadTable("code-lengths", book._squaredLengths, slotCount);
            book.RestoreSketches(image, store);
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
        _sketches?.Dispose();
    }

    private void RestoreSketches(SnapshotImage image, GraphStore store)
    {
        if (_sketches is null)
        {
            return;
        }
        if (image.Manifest.Version >= IndexManifest.FirstVersionWithSketches)
        {
            image.LoadTable(SketchTable, _sketches, store.SlotCount);
            return;
        }
        _sketches.EnsureRows(store.SlotCount);
        float[] vector = new float[dimension];
        for (int ordinal = 0; ordinal < store.SlotCount; ordinal++)
        {
            store.Vectors.CopyTo(ordinal, vector);
            WriteSketch(ordinal, vector);
        }
    }

    private static int RowBytesFor(int dimension) => (dimension + CodeKernel.Block - 1) / CodeKernel.Block * CodeKernel.Block;
}
