namespace ChineseClip.Storage.Files;

/// <summary>Reads the records of one segment in order and checks each: mark, length, checksum, LSN, chain, epoch.</summary>
/// <remarks>Memory: one buffer of 1 MiB, or of the longest record.</remarks>
internal sealed class SegmentReader
{
    private const int BufferBytes = 1 << 20;

    /// <summary>How far one look for a mark goes, in bytes; small, so that looking on after a hit stays within the buffer.</summary>
    private const int SearchBytes = 64 << 10;

    private readonly IStorageFile _file;

    private readonly ulong _logId;

    private readonly long _length;

    private byte[] _buffer = [];

    private long _bufferOffset;

    private int _bufferedBytes;

    private ulong _chain;

    private long _epoch;

    /// <param name="file">The segment.</param>
    /// <param name="header">Its header, already checked.</param>
    /// <param name="length">Where to stop: the length of the file or what of it is durable.</param>
    public SegmentReader(IStorageFile file, SegmentHeader header, long length)
    {
        _file = file;
        _logId = header.LogId;
        _length = length;
        _chain = header.ChainStart();
        Offset = header.Length;
        NextLsn = header.BaseLsn;
    }

    /// <summary>Where the next record begins, or the bad one.</summary>
    public long Offset { get; private set; }

    /// <summary>The LSN the next record must have.</summary>
    public long NextLsn { get; private set; }

    /// <summary>The checksum the next record must be chained to.</summary>
    public ulong Chain => _chain;

    /// <summary>What is wrong at <see cref="Offset"/> after <see cref="ReadOutcome.Bad"/>.</summary>
    public string Fault { get; private set; } = string.Empty;

    /// <summary>True when the bad record is whole in itself but not the one that belongs here: no crash leaves that.</summary>
    public bool IsMisplaced { get; private set; }

    /// <summary>Reads one record.</summary>
    /// <param name="header">The record's head.</param>
    /// <param name="body">Its body, valid until the next call.</param>
    public ReadOutcome Read(out RecordHeader header, out ReadOnlySpan<byte> body)
    {
        body = default;
        header = default;
        long remaining = _length - Offset;
        if (remaining == 0)
        {
            return ReadOutcome.End;
        }

        if (remaining < RecordFormat.HeaderBytes)
        {
            return Bad($"{remaining} bytes are left, fewer than the head of a record has.");
        }

        if (!RecordFormat.TryDecodeHeader(Window(RecordFormat.HeaderBytes), out header))
        {
            return Bad("no record begins here.");
        }

        if (header.Bytes > remaining)
        {
            return Bad($"a record of {header.Bytes} bytes does not fit in the {remaining} bytes left.");
        }

        ReadOnlySpan<byte> record = Window(header.Bytes);
        if (RecordFormat.Checksum(_logId, record) != header.Checksum)
        {
            return Bad("the checksum of the record does not match.");
        }

        if (header.Lsn != NextLsn || header.PreviousChecksum != _chain || header.Epoch < _epoch || header.DurableLsn >= NextLsn)
        {
            IsMisplaced = true;
            return Bad($"record {header.Lsn} of epoch {header.Epoch} stands where record {NextLsn} of epoch {_epoch} or later belongs.");
        }

        body = record[RecordFormat.HeaderBytes..];
        _chain = header.Checksum;
        _epoch = header.Epoch;
        NextLsn++;
        Offset += header.Bytes;
        return ReadOutcome.Record;
    }

    /// <summary>Finds the next intact record of this log after the bad one, wherever it stands.</summary>
    public bool TryFindLater(ref long from, out RecordHeader header)
    {
        for (; from + RecordFormat.HeaderBytes <= _length; from++)
        {
            ReadOnlySpan<byte> window = WindowAt(from, (int)Math.Min(SearchBytes, _length - from));
            int hit = window.IndexOf(RecordFormat.Mark);
            if (hit != 0)
            {
                // Keep the last 3 bytes for a mark that straddles the windows; the loop adds one.
                from += (hit < 0 ? Math.Max(1, window.Length - 3) : hit) - 1;
                continue;
            }

            if (RecordFormat.TryDecodeHeader(window, out header)
                && header.Bytes <= _length - from
                && RecordFormat.Checksum(_logId, WindowAt(from, header.Bytes)) == header.Checksum)
            {
                from += header.Bytes;
                return true;
            }
        }

        header = default;
        return false;
    }

    private ReadOutcome Bad(string fault)
    {
        Fault = fault;
        return ReadOutcome.Bad;
    }

    private ReadOnlySpan<byte> Window(int bytes) => WindowAt(Offset, bytes);

    private ReadOnlySpan<byte> WindowAt(long offset, int bytes)
    {
        if (offset < _bufferOffset || offset + bytes > _bufferOffset + _bufferedBytes)
        {
            int wanted = (int)Math.Min(Math.Max(bytes, BufferBytes), _length - offset);
            if (_buffer.Length < wanted)
            {
                _buffer = new byte[wanted];
            }

            _bufferOffset = offset;
            _bufferedBytes = _file.Read(offset, _buffer.AsSpan(0, wanted));
            if (_bufferedBytes < bytes)
            {
                throw new IOException($"'{_file.Path}' ended at byte {offset + _bufferedBytes} while {_length} bytes were expected.");
            }
        }

        return _buffer.AsSpan((int)(offset - _bufferOffset), bytes);
    }
}
