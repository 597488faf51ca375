using ChineseClip.Vectors.Graph;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Persistence;

namespace ChineseClip.Vectors.Quantization;

/// <summary>The codes of all slots under one quantizer. A new quantizer makes a new book; searches under way keep the old one.</summary>
/// <remarks>
/// Layout: a row of codes a slot, 64-byte aligned and padded with zeros; beside it the squared length of the row, an int, and from
/// <see cref="PrincipalSketch.MinDimension"/> dimensions on a <see cref="PrincipalSketch"/>.
/// </remarks>
internal sealed unsafe class CodeBook(ScalarQuantizer quantizer, PrincipalSketch? sketch, int dimension, WriteClock clock) : IDisposable
{
    private const string SketchTable = "sketches";
    private const string DirectionList = "directions";
    private readonly ChunkedRows _codes = new(CodeKernel.PaddedLength(dimension), clock);
    private readonly ChunkedRows _squaredLengths = new(sizeof(int), clock);
    private readonly ChunkedRows? _sketches = sketch is null ? null : new ChunkedRows(SketchKernel.RowBytes, clock);
    private long _encodedCount;
    private long _clippedCount;
    private Landmarks? _landmarks;

    public int RowBytes => _codes.RowBytes;

    /// <summary>Codes a unit of the vectors' elements.</summary>
    public float Scale => quantizer.Scale;

    /// <summary>Vectors and elements written since the quantizer was fitted, and how many of these lay outside its range.</summary>
    public long EncodedCount => Interlocked.Read(ref _encodedCount);

    public long ClippedCount => Interlocked.Read(ref _clippedCount);

    public ChunkedRows.View CodeRows => _codes.Rows;

    public ChunkedRows.View SquaredLengthRows => _squaredLengths.Rows;

    /// <summary>Makes sketches; null for vectors so short that they have none.</summary>
    public PrincipalSketch? Sketch => sketch;

    public ChunkedRows.View SketchRows => _sketches!.Rows;

    /// <summary>Where searches start; null where there are no sketches, or too few vectors.</summary>
    public Landmarks? Landmarks => Volatile.Read(ref _landmarks);

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
        sketch?.Encode(row, _sketches!.Writable(ordinal));
    }

    /// <summary>Chooses the landmarks anew. Called by the writer.</summary>
    public void ChooseLandmarks(GraphStore store)
    {
        if (_sketches is not null)
        {
            Volatile.Write(ref _landmarks, Landmarks.Choose(store, SketchRows));
        }
    }

    /// <summary>Adds the codes of the first slots to a snapshot.</summary>
    public void Capture(SnapshotCapture capture, int slotCount)
    {
        capture.AddTable("codes", _codes, slotCount);
        capture.AddTable("code-lengths", _squaredLengths, slotCount);
        capture.AddNumber("encodedCount", EncodedCount);
        capture.AddNumber("clippedCount", ClippedCount);
        capture.AddList<float>("quantizer", quantizer.ToArray());
        capture.AddList<float>(DirectionList, sketch is null ? [] : sketch.ToArray());
        if (_sketches is not null)
        {
            capture.AddTable(SketchTable, _sketches, slotCount);
        }
    }

    /// <summary>Takes the codes of the first slots from a snapshot.</summary>
    /// <param name="image">The snapshot.</param>
    /// <param name="store">What it restored before.</param>
    /// <param name="sample">Vectors to fit a sketch to; read for snapshots that were written before there were such.</param>
    public static CodeBook Restore(SnapshotImage image, GraphStore store, Func<IReadOnlyList<float[]>> sample)
    {
        int dimension = store.Dimension;
        ScalarQuantizer quantizer = ScalarQuantizer.FromArray(FloatsOf(image, "quantizer", dimension + 1));
        bool hasSketches = image.Manifest.Version >= IndexManifest.FirstVersionWithDirections;
        CodeBook book = new(quantizer, hasSketches ? RestoreSketch(image, quantizer) : FitSketch(quantizer, sample()), dimension, store.Clock)
        {
            _encodedCount = image.Number("encodedCount"),
            _clippedCount = image.Number("clippedCount"),
        };
        try
        {
            image.LoadTable("codes", book._codes, store.SlotCount);
            image.LoadTable("code-lengths", book._squaredLengths, store.SlotCount);
            if (hasSketches && book._sketches is not null)
            {
                image.LoadTable(SketchTable, book._sketches, store.SlotCount);
            }
            else
            {
                book.MakeSketches(store.SlotCount);
            }
            return book;
        }
        catch
        {
            book.Dispose();
            throw;
        }
    }

    /// <summary>A sketch for vectors like those of the sample; null for none, and for so short ones that they need none.</summary>
    public static PrincipalSketch? FitSketch(ScalarQuantizer quantizer, IReadOnlyList<float[]> sample) =>
        sample.Count == 0 || quantizer.Mean.Length < PrincipalSketch.MinDimension ? null : PrincipalSketch.Fit(quantizer, sample);

    public void Dispose()
    {
        _codes.Dispose();
        _squaredLengths.Dispose();
        _sketches?.Dispose();
    }

    private void MakeSketches(int slotCount)
    {
        _sketches?.EnsureRows(slotCount);
        for (int ordinal = 0; sketch is not null && ordinal < slotCount; ordinal++)
        {
            sketch.Encode(_codes.Rows[ordinal], _sketches!.Writable(ordinal));
        }
    }

    private static PrincipalSketch? RestoreSketch(SnapshotImage image, ScalarQuantizer quantizer)
    {
        int dimension = quantizer.Mean.Length;
        return image.List<float>(DirectionList).Length == 0
            ? null
            : PrincipalSketch.FromArray(quantizer, FloatsOf(image, DirectionList, PrincipalSketch.ArrayLength(dimension)));
    }

    private static float[] FloatsOf(SnapshotImage image, string name, int length)
    {
        float[] elements = image.List<float>(name);
        return elements.Length == length
            ? elements
            : throw image.Inconsistent($"list {name} has {elements.Length} elements; must have {length}.");
    }
}
