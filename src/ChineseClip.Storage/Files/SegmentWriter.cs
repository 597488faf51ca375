namespace ChineseClip.Storage.Files;

/// <summary>Writes groups of records to the last segment, and begins the next one when it is full.</summary>
/// <remarks>Threads: one at a time. After an exception it must not be used again.</remarks>
internal sealed class SegmentWriter : IDisposable
{
    /// <summary>A buffer that had to grow beyond this is given back after the group, in bytes.</summary>
    private const int KeptBufferBytes = 8 << 20;

    private readonly IFileSystem _fileSystem;

    private readonly string _directory;

    private readonly string _shardKey;

    private readonly long _epoch;

    private readonly long _segmentBytes;

    private readonly ulong _logId;

    private readonly Watermark _watermark;

    private IStorageFile _file;

    private long _end;

    private ulong _chain;

    private long _lastLsn;

    private byte[] _buffer = [];

    public SegmentWriter(IFileSystem fileSystem, string directory, string shardKey, long epoch, long segmentBytes, RecoveredLog log)
    {
        _fileSystem = fileSystem;
        _directory = directory;
        _shardKey = shardKey;
        _epoch = epoch;
        _segmentBytes = segmentBytes;
        _logId = log.LogId;
        _watermark = log.Watermark;
        _file = log.ActiveFile;
        _end = log.ActiveEnd;
        _chain = log.Chain;
        _lastLsn = log.LastLsn;
    }

    public string ActivePath => _file.Path;

    /// <summary>Begins the next segment when the last is full; returns it then.</summary>
    public Segment? RollWhenFull()
    {
        if (_end < _segmentBytes)
        {
            return null;
        }

        SegmentHeader header = new(_shardKey, _lastLsn + 1, _chain, _logId);
        Segment segment = Segment.At(_directory, header.BaseLsn);
        AtomicFile.Replace(_fileSystem, segment.Path, header.Encode());
        _file.Dispose();
        _file = _fileSystem.Open(segment.Path, FileOpening.ReadWrite);
        _end = header.Length;
        _chain = header.ChainStart();
        return segment;
    }

    /// <summary>Writes the bodies as one group and syncs; returns the LSN of the last one, durable by then.</summary>
    public long WriteGroup(IEnumerable<ReadOnlyMemory<byte>> bodies, int groupBytes)
    {
        if (_buffer.Length < groupBytes)
        {
            _buffer = new byte[groupBytes];
        }

        int used = 0;
        long lsn = _lastLsn;
        foreach (ReadOnlyMemory<byte> body in bodies)
        {
            RecordHeader header = new() { Lsn = ++lsn, Epoch = _epoch, DurableLsn = _lastLsn, PreviousChecksum = _chain };
            _chain = RecordFormat.Encode(_buffer.AsSpan(used), _logId, header, body.Span);
            used += RecordFormat.HeaderBytes + body.Length;
        }

        _file.Write(_end, _buffer.AsSpan(0, used));
        _file.Sync();
        _watermark.Advance(lsn);
        _end += used;
        _lastLsn = lsn;
        if (_buffer.Length > KeptBufferBytes)
        {
            _buffer = [];
        }

        return lsn;
    }

    /// <summary>Makes the watermark durable at a clean end; a failure costs only what a crash would cost.</summary>
    public void Finish()
    {
        try
        {
            _watermark.Sync();
        }
        catch (Exception exception) when (MediumErrors.IsMediumError(exception))
        {
            // The log itself is durable.
        }
    }

    public void Dispose()
    {
        _watermark.Dispose();
        _file.Dispose();
    }
}
