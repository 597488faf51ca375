using System.Runtime.CompilerServices;

namespace ChineseClip.Storage.Files;

// One handle of a log is open, then exactly one of: failed (a write or sync went wrong), fenced (a newer handle was opened), closed.
// Nothing leaves those states; in each of them appends are refused and what was acknowledged can still be read, except when closed.
//
// Group commit. Calls queue up under the lock. The first one starts the writer, which takes all that wait (up to a bound), writes them as
// one group, syncs once, and completes them in order; calls that come meanwhile form the next group. No thread waits while the log is idle.

/// <summary>A shard log in segment files.</summary>
internal sealed class FileShardLog : IShardLog
{
    /// <summary>What one group may take on disk, in bytes; a single longer call is written alone.</summary>
    private const int GroupBytes = 4 << 20;

    /// <summary>How much a reader takes from the disk before it hands it on, in bytes.</summary>
    private const int ReadBatchBytes = 1 << 20;

    private readonly Lock _gate = new();

    private readonly IFileSystem _fileSystem;

    private readonly FileStorageOptions _options;

    private readonly string _directory;

    private readonly SegmentWriter _writer;

    private readonly Queue<AppendRequest> _waiting = new();

    private readonly List<Segment> _segments;

    private long _waitingBytes;

    private long _lastLsn;

    private Task? _writing;

    private Func<Exception>? _refusal;

    private bool _closed;

    public FileShardLog(
        IFileSystem fileSystem, FileStorageOptions options, string directory, (string ShardKey, long Epoch) lease, RecoveredLog log)
    {
        _fileSystem = fileSystem;
        _options = options;
        _directory = directory;
        (ShardKey, Epoch) = lease;
        _segments = [.. log.Segments];
        _lastLsn = log.LastLsn;
        _writer = new SegmentWriter(fileSystem, directory, ShardKey, Epoch, options.SegmentBytes, log);
    }

    public string ShardKey { get; }

    public long Epoch { get; }

    public long FirstLsn
    {
        get
        {
            lock (_gate)
            {
                return _segments[0].BaseLsn;
            }
        }
    }

    public long LastLsn => Volatile.Read(ref _lastLsn);

    public Task<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken)
    {
        int bytes = CheckedBytes(bodies);
        cancellationToken.ThrowIfCancellationRequested();
        AppendRequest request = new(bodies, bytes, cancellationToken);
        lock (_gate)
        {
            if (_refusal is not null)
            {
                throw _refusal();
            }

            if (_waitingBytes > 0 && _waitingBytes + bytes > _options.MaxPendingBytes)
            {
                throw new StorageException(
                    StorageError.Overloaded,
                    $"{_waitingBytes} bytes wait to be written to the log of shard '{ShardKey}'; {bytes} more would exceed {_options.MaxPendingBytes}.",
                    _directory);
            }

            _waiting.Enqueue(request);
            _waitingBytes += bytes;
            _writing ??= Task.Run(WriteWaiting, CancellationToken.None);
        }

        return request.Task;
    }

    public async IAsyncEnumerable<LogRecord> ReadAsync(long afterLsn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterLsn);
        Segment[] segments;
        long lastLsn;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            lastLsn = _lastLsn;
            segments = [.. _segments];
        }

        if (afterLsn >= lastLsn)
        {
            yield break;
        }

        if (afterLsn + 1 < segments[0].BaseLsn)
        {
            throw new StorageException(
                StorageError.Corrupt,
                $"Record {afterLsn + 1} of shard '{ShardKey}' has been truncated away; the log begins with {segments[0].BaseLsn}.",
                _directory);
        }

        for (int i = 0; i < segments.Length; i++)
        {
            if (i + 1 < segments.Length && segments[i + 1].BaseLsn <= afterLsn + 1)
            {
                continue;
            }

            using SegmentBatches batches = new(_fileSystem, segments[i].Path, afterLsn, lastLsn, ReadBatchBytes);
            while (await Task.Run(batches.Next, cancellationToken).ConfigureAwait(false) is { Count: > 0 } batch)
            {
                foreach (LogRecord record in batch)
                {
                    yield return record;
                }
            }
        }
    }

    public async Task TruncateAsync(long throughLsn, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(throughLsn);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(throughLsn, LastLsn);
        try
        {
            await Task.Run(() => Truncate(throughLsn, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (MediumErrors.IsMediumError(exception))
        {
            throw MediumErrors.Unavailable("truncate the log in", _directory, exception);
        }
    }

    public ValueTask DisposeAsync() =>
        new(RetireAsync(() => new ObjectDisposedException(nameof(FileShardLog), $"The log of shard '{ShardKey}' is closed."), close: true));

    /// <summary>Refuses all further appends because a newer epoch exists, and waits until nothing is being written.</summary>
    public Task FenceAsync() => RetireAsync(
        () => new StorageException(
            StorageError.Fenced, $"Epoch {Epoch} of shard '{ShardKey}' may not append: a newer one has been opened.", _directory),
        close: false);

    private async Task RetireAsync(Func<Exception> refusal, bool close)
    {
        Task? writing;
        lock (_gate)
        {
            _closed |= close;
            _refusal ??= refusal;
            RefuseWaiting();
            writing = _writing;
        }

        if (writing is not null)
        {
            await writing.ConfigureAwait(false);
        }

        _writer.Dispose();
    }

    private void Truncate(long throughLsn, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Segment oldest;
            lock (_gate)
            {
                if (_refusal is not null)
                {
                    throw _refusal();
                }

                // The last segment stays: appends go there, and its header carries the LSN and the chain on.
                if (_segments.Count < 2 || _segments[1].BaseLsn > throughLsn + 1)
                {
                    break;
                }

                oldest = _segments[0];
                _segments.RemoveAt(0);
            }

            // Oldest first, so that a crash in between leaves no gap.
            _fileSystem.DeleteFile(oldest.Path);
            _fileSystem.SyncDirectory(_directory);
        }
    }

    private void WriteWaiting()
    {
        while (TakeGroup() is { } group)
        {
            try
            {
                if (_writer.RollWhenFull() is { } segment)
                {
                    lock (_gate)
                    {
                        _segments.Add(segment);
                    }
                }

                long lastLsn = _writer.WriteGroup(group.SelectMany(request => request.Bodies), group.Sum(request => request.Bytes));
                Acknowledge(group, lastLsn);
            }
            catch (Exception exception) // the edge of the writer's loop: whatever went wrong, nothing more may be acknowledged
            {
                Fail(group, exception);
            }
        }
    }

    private List<AppendRequest>? TakeGroup()
    {
        lock (_gate)
        {
            List<AppendRequest> group = [];
            int bytes = 0;
            while (_waiting.TryPeek(out AppendRequest? request) && (group.Count == 0 || bytes + request.Bytes <= GroupBytes))
            {
                _ = _waiting.Dequeue();
                _waitingBytes -= request.Bytes;
                if (request.CancellationToken.IsCancellationRequested)
                {
                    request.SetCanceled(request.CancellationToken);
                    continue;
                }

                group.Add(request);
                bytes += request.Bytes;
            }

            if (group.Count == 0)
            {
                _writing = null;
                return null;
            }

            return group;
        }
    }

    private void Acknowledge(List<AppendRequest> group, long lastLsn)
    {
        long lsn = LastLsn;
        Volatile.Write(ref _lastLsn, lastLsn);
        foreach (AppendRequest request in group)
        {
            lsn += request.Bodies.Count;
            request.SetResult(lsn);
        }
    }

    private void Fail(List<AppendRequest> group, Exception cause)
    {
        string path = _writer.ActivePath;
        lock (_gate)
        {
            _refusal ??= () => new StorageException(
                StorageError.Unavailable,
                $"The log of shard '{ShardKey}' takes no records since writing '{path}' failed ({cause.Message}); it must be opened again.",
                path,
                innerException: cause);
            RefuseWaiting();
        }

        StorageException failure = MediumErrors.Unavailable("write", path, cause);
        foreach (AppendRequest request in group)
        {
            request.SetException(failure);
        }
    }

    /// <summary>Answers all that wait with the refusal; the caller holds the lock.</summary>
    private void RefuseWaiting()
    {
        while (_waiting.TryDequeue(out AppendRequest? request))
        {
            _waitingBytes -= request.Bytes;
            request.SetException(_refusal!());
        }
    }

    private int CheckedBytes(IReadOnlyList<ReadOnlyMemory<byte>> bodies)
    {
        ArgumentNullException.ThrowIfNull(bodies);
        ArgumentOutOfRangeException.ThrowIfZero(bodies.Count);
        long bytes = 0;
        for (int i = 0; i < bodies.Count; i++)
        {
            if (bodies[i].Length > _options.MaxRecordBytes)
            {
                throw new ArgumentException(
                    $"Body {i} has {bodies[i].Length} bytes; a record holds at most {_options.MaxRecordBytes}.", nameof(bodies));
            }

            bytes += RecordFormat.HeaderBytes + bodies[i].Length;
        }

        return bytes <= RecordFormat.MaxBodyBytes
            ? (int)bytes
            : throw new ArgumentException(
                $"The {bodies.Count} bodies take {bytes} bytes; one call takes at most {RecordFormat.MaxBodyBytes}.", nameof(bodies));
    }
}
