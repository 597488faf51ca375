namespace ChineseClip.Vectors.Memory;

/// <summary>The rows of one table as they were at one moment, read chunk by chunk while the writer goes on.</summary>
/// <remarks>
/// Protocol: before the writer first touches a page (4 KiB) of a chunk not yet copied, it saves the page here, fences, then writes.
/// The reader copies the live chunk, fences, then lays the saved pages over its copy. A page not saved by then was not touched
/// before, so the copy of it is whole; a saved one is replaced. Nobody waits for anybody.
/// Threads: any number working for the one writer, and one reader.
/// </remarks>
internal sealed unsafe class ChunkCapture : IDisposable
{
    private const int PageBytes = 4096;

    private readonly Lock _saving = new();
    private readonly ChunkedRows _rows;
    private readonly ChunkedRows.View _view;
    private readonly int[] _stamps;

    // For each chunk the saved pages, if any; and whether it was copied already or is not wanted.
    private readonly byte[]?[]?[] _saved;
    private readonly bool[] _released;

    /// <summary>For <see cref="ChunkedRows.BeginCapture"/>, called by the writer.</summary>
    public ChunkCapture(ChunkedRows rows, int rowCount, int[] stamps)
    {
        _rows = rows;
        _view = rows.Rows;
        _stamps = stamps;
        RowCount = rowCount;
        _saved = new byte[]?[]?[stamps.Length];
        _released = new bool[stamps.Length];
    }

    public int RowCount { get; }

    public int RowBytes => _rows.RowBytes;

    public int ChunkRows => _rows.ChunkRows;

    public int ChunkCount => _stamps.Length;

    /// <summary>When the chunk was last written: the <see cref="WriteClock"/>'s time.</summary>
    public int Stamp(int chunk) => _stamps[chunk];

    /// <summary>Bytes of the chunk's rows that existed.</summary>
    public int UsedBytes(int chunk) => Math.Min(ChunkRows, RowCount - (chunk * ChunkRows)) * RowBytes;

    /// <summary>Called by the writer before it changes these bytes of a chunk.</summary>
    public void BeforeWrite(int chunk, int offset, int bytes)
    {
        if (chunk >= _released.Length || Volatile.Read(ref _released[chunk]))
        {
            return;
        }
        byte[]?[]? pages = Volatile.Read(ref _saved[chunk]);
        for (int page = offset / PageBytes; page <= (offset + bytes - 1) / PageBytes; page++)
        {
            if (pages is null || Volatile.Read(ref pages[page]) is null)
            {
                Save(chunk, page);
            }
        }
    }

    /// <summary>Copies the chunk as it was; its saved pages are forgotten.</summary>
    public void Copy(int chunk, Span<byte> destination)
    {
        if (_released[chunk])
        {
            throw new InvalidOperationException($"chunk {chunk} was copied or released before.");
        }
        destination = destination[..UsedBytes(chunk)];
        new ReadOnlySpan<byte>(_view[chunk * ChunkRows], destination.Length).CopyTo(destination);
        Thread.MemoryBarrier();
        byte[]?[]? pages = Volatile.Read(ref _saved[chunk]);
        for (int page = 0; pages is not null && page * PageBytes < destination.Length; page++)
        {
            if (Volatile.Read(ref pages[page]) is { } saved)
            {
                Span<byte> target = destination[(page * PageBytes)..];
                saved.AsSpan(0, Math.Min(PageBytes, target.Length)).CopyTo(target);
            }
        }
        Release(chunk);
    }

    /// <summary>Says that the chunk is not wanted (any more): the writer need not save its pages.</summary>
    public void Release(int chunk)
    {
        Volatile.Write(ref _released[chunk], true);
        lock (_saving)
        {
            _saved[chunk] = null;
        }
    }

    public void Dispose()
    {
        _rows.EndCapture(this);
    }

    private void Save(int chunk, int page)
    {
        lock (_saving)
        {
            if (_released[chunk])
            {
                return;
            }
            byte[]?[] pages = _saved[chunk] ?? new byte[]?[_rows.ChunkBytes / PageBytes];
            if (pages[page] is null)
            {
                byte[] saved = GC.AllocateUninitializedArray<byte>(PageBytes);
                new ReadOnlySpan<byte>(_view[chunk * ChunkRows] + (page * PageBytes), PageBytes).CopyTo(saved);
                Volatile.Write(ref pages[page], saved);
                Volatile.Write(ref _saved[chunk], pages);
                Thread.MemoryBarrier();    // no write to the page is seen before its saved copy is
            }
        }
    }
}
