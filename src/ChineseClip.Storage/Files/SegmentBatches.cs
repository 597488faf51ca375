namespace ChineseClip.Storage.Files;

/// <summary>Reads the records of one segment in batches, for callers that want them off a blocking thread.</summary>
internal sealed class SegmentBatches(IFileSystem fileSystem, string path, long afterLsn, long lastLsn, int batchBytes) : IDisposable
{
    private IStorageFile? _file;

    private SegmentReader? _reader;

    /// <summary>The next records with LSN in (afterLsn, lastLsn]; empty when there are no more.</summary>
    public List<LogRecord> Next()
    {
        try
        {
            return ReadBatch();
        }
        catch (Exception exception) when (MediumErrors.IsMediumError(exception))
        {
            throw MediumErrors.Unavailable("read", path, exception);
        }
    }

    public void Dispose() => _file?.Dispose();

    private List<LogRecord> ReadBatch()
    {
        _file ??= fileSystem.Open(path, FileOpening.Read);
        _reader ??= new SegmentReader(_file, SegmentHeader.Read(_file), _file.Length);
        List<LogRecord> batch = [];
        for (int bytes = 0; bytes < batchBytes && _reader.NextLsn <= lastLsn;)
        {
            ReadOutcome outcome = _reader.Read(out RecordHeader header, out ReadOnlySpan<byte> body);
            if (outcome == ReadOutcome.Bad)
            {
                throw MediumErrors.Corrupt(path, _reader.Offset, _reader.Fault);
            }

            if (outcome == ReadOutcome.End)
            {
                break;
            }

            if (header.Lsn > afterLsn)
            {
                batch.Add(new LogRecord(header.Lsn, body.ToArray()));
                bytes += header.Bytes;
            }
        }

        return batch;
    }
}
