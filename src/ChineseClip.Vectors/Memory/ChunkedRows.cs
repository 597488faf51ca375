using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ChineseClip.Vectors.Memory;

/// <summary>Rows of equal size in native memory that grow by chunks and never move, so readers need no lock.</summary>
/// <remarks>
/// Layout: chunks of at least 2 MiB, aligned to 2 MiB, a power of two of rows each. On Linux every chunk but the first asks for
/// huge pages; the first stays on small pages so that a small index touches little memory.
/// Threads: one writer grows; readers take a <see cref="View"/> and reach every row that existed then.
/// Ownership: the finalizer frees what was not disposed; whoever holds a view keeps this object alive meanwhile.
/// </remarks>
internal sealed unsafe class ChunkedRows : IDisposable
{
    private const int ChunkAlignment = 2 << 20;
    private const int InitialTableLength = 64;

    private readonly int _shift;
    private readonly List<nint> _outgrownTables = [];
    private byte** _table;
    private int _tableLength = InitialTableLength;
    private int _chunkCount;

    public ChunkedRows(int rowBytes)
    {
        RowBytes = rowBytes;
        while (((long)rowBytes << _shift) < ChunkAlignment)
        {
            _shift++;
        }
        _table = (byte**)NativeMemory.AllocZeroed((nuint)_tableLength, (nuint)sizeof(byte*));
    }

    ~ChunkedRows() => Free();

    public int RowBytes { get; }

    public View Rows => new(_table, _shift, RowBytes);

    private nuint ChunkBytes => (nuint)RowBytes << _shift;

    /// <summary>Bytes taken for the first <paramref name="rowCount"/> rows.</summary>
    public long BytesFor(int rowCount) =>
        _chunkCount <= 1 ? (long)rowCount * RowBytes : (long)ChunkBytes * _chunkCount;

    public void EnsureRows(int rowCount)
    {
        while ((long)_chunkCount << _shift < rowCount)
        {
            AddChunk();
        }
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void AddChunk()
    {
        if (_chunkCount == _tableLength)
        {
            // Readers may hold the old table: it is kept, and costs less than the new one.
            byte** longer = (byte**)NativeMemory.AllocZeroed((nuint)_tableLength * 2, (nuint)sizeof(byte*));
            new ReadOnlySpan<nint>(_table, _tableLength).CopyTo(new Span<nint>(longer, _tableLength));
            _outgrownTables.Add((nint)_table);
            Thread.MemoryBarrier();
            _table = longer;
            _tableLength *= 2;
        }
        byte* chunk = (byte*)NativeMemory.AlignedAlloc(ChunkBytes, ChunkAlignment);
        if (_chunkCount > 0)
        {
            HugePages.Advise(chunk, ChunkBytes);
        }
        GC.AddMemoryPressure((long)ChunkBytes);
        _table[_chunkCount++] = chunk;
    }

    private void Free()
    {
        for (int i = 0; i < _chunkCount; i++)
        {
            NativeMemory.AlignedFree(_table[i]);
            GC.RemoveMemoryPressure((long)ChunkBytes);
        }
        _chunkCount = 0;
        foreach (nint table in _outgrownTables)
        {
            NativeMemory.Free((void*)table);
        }
        _outgrownTables.Clear();
        NativeMemory.Free(_table);
        _table = null;
    }

    /// <summary>Addresses of the rows, small enough to live in registers during a search.</summary>
    internal readonly struct View(byte** table, int shift, int rowBytes)
    {
        private readonly byte** _table = table;
        private readonly int _shift = shift;
        private readonly int _mask = (1 << shift) - 1;
        private readonly nint _rowBytes = rowBytes;

        public byte* this[int row]
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => _table[row >> _shift] + (row & _mask) * _rowBytes;
        }
    }
}
