using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ChineseClip.Vectors.Memory;

/// <summary>Rows of equal size in native memory that grow by chunks and never move, so readers need no lock.</summary>
/// <remarks>
/// Layout: chunks of at least 2 MiB, aligned to 2 MiB, a power of two of rows each; zero at first. On Linux every chunk but the first
/// asks for huge pages; the first stays on small pages so that a small index touches little memory.
/// Threads: one writer grows; readers take a <see cref="View"/> and reach every row that existed then. Whatever writes to a row asks
/// for it by <see cref="Writable"/>, so that snapshots know what changed.
/// Ownership: the finalizer frees what was not disposed; whoever holds a view keeps this object alive meanwhile. The memory outlives
/// Dispose while a capture needs it.
/// </remarks>
internal sealed unsafe class ChunkedRows : IDisposable
{
    private const int InitialTableLength = 64;

    private readonly WriteClock _clock;
    private readonly int _shift;
    private readonly List<nint> _outgrownTables = [];
    private byte** _table;
    private int _tableLength = InitialTableLength;
    private Stamp[] _stamps = new Stamp[InitialTableLength];
    private ChunkCapture? _capture;
    private int _chunkCount;
    private int _holderCount = 1;
    private bool _disposed;

    public ChunkedRows(int rowBytes, WriteClock clock)
    {
        _clock = clock;
        RowBytes = rowBytes;
        while (((long)rowBytes << _shift) < ChunkMemory.Alignment)
        {
            _shift++;
        }
        _table = (byte**)NativeMemory.AllocZeroed((nuint)_tableLength, (nuint)sizeof(byte*));
    }

    ~ChunkedRows() => Free();

    public int RowBytes { get; }

    public int ChunkRows => 1 << _shift;

    public int ChunkBytes => RowBytes << _shift;

    public View Rows => new(_table, _shift, RowBytes);

    /// <summary>Bytes taken for the first <paramref name="rowCount"/> rows.</summary>
    public long BytesFor(int rowCount) =>
        _chunkCount <= 1 ? (long)rowCount * RowBytes : (long)ChunkBytes * _chunkCount;

    public void EnsureRows(int rowCount)
    {
        while ((long)_chunkCount << _shift < rowCount)
        {
            byte* chunk = ChunkMemory.Allocate((nuint)ChunkBytes);
            if (_chunkCount > 0)
            {
                ChunkMemory.AskForHugePages(chunk, (nuint)ChunkBytes);
            }
            Append(chunk, _clock.Now);
        }
    }

    /// <summary>The row, to be written by the caller: at once, and within the writer's lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Writable(int row)
    {
        int chunk = row >> _shift;
        int offset = (row & (ChunkRows - 1)) * RowBytes;
        Stamp stamp = _stamps[chunk];
        if (stamp.Time != _clock.Now)    // read first: threads that write to one chunk would fight for the line
        {
            stamp.Time = _clock.Now;
        }
        _capture?.BeforeWrite(chunk, offset, RowBytes);
        return _table[chunk] + offset;
    }

    /// <summary>Adds a chunk that begins with the content of a file of a snapshot.</summary>
    public byte* AppendMapped(SafeFileHandle file, int fileBytes)
    {
        byte* chunk = ChunkMemory.Map(file, (nuint)fileBytes, (nuint)ChunkBytes);
        Append(chunk, WriteClock.AsOpened);
        return chunk;
    }

    /// <summary>Freezes the first rows as they are, for a reader elsewhere. Called by the writer; one at a time.</summary>
    public ChunkCapture BeginCapture(int rowCount)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int[] stamps = new int[(rowCount + ChunkRows - 1) >> _shift];
        for (int chunk = 0; chunk < stamps.Length; chunk++)
        {
            stamps[chunk] = _stamps[chunk].Time;
        }
        Interlocked.Increment(ref _holderCount);
        return _capture = new ChunkCapture(this, rowCount, stamps);
    }

    /// <summary>For <see cref="ChunkCapture.Dispose"/>.</summary>
    public void EndCapture(ChunkCapture capture)
    {
        if (Interlocked.CompareExchange(ref _capture, null, capture) == capture)
        {
            LeaveHold();
        }
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            LeaveHold();
        }
        GC.SuppressFinalize(this);
    }

    private void LeaveHold()
    {
        if (Interlocked.Decrement(ref _holderCount) == 0)
        {
            Free();
        }
    }

    private void Append(byte* chunk, int time)
    {
        if (_chunkCount == _tableLength)
        {
            // Readers may hold the old table: it is kept, and costs less than the new one.
            byte** longer = (byte**)NativeMemory.AllocZeroed((nuint)_tableLength * 2, (nuint)sizeof(byte*));
            new ReadOnlySpan<nint>(_table, _tableLength).CopyTo(new Span<nint>(longer, _tableLength));
            _outgrownTables.Add((nint)_table);
            Array.Resize(ref _stamps, _tableLength * 2);
            Thread.MemoryBarrier();
            _table = longer;
            _tableLength *= 2;
        }
        _stamps[_chunkCount] = new Stamp { Time = time };
        _table[_chunkCount++] = chunk;
    }

    private void Free()
    {
        for (int i = 0; i < _chunkCount; i++)
        {
            ChunkMemory.Free(_table[i], (nuint)ChunkBytes);
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

    /// <summary>Time of a chunk's last write; an object, so that growing the array loses no write of another thread.</summary>
    private sealed class Stamp
    {
        public int Time;
    }

    /// <summary>Addresses of the rows, small enough to live in registers during a search. For reading.</summary>
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

        /// <summary>The first row behind the chunk of a row.</summary>
        public int EndOfChunk(int row) => (row | _mask) + 1;

        /// <summary>Where row 0 would be if the chunk of a row began with it: other rows of the chunk are reached without the table.</summary>
        public byte* Origin(int row) => this[row] - row * _rowBytes;
    }
}
