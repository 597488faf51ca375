using System.Runtime.CompilerServices;
using ChineseClip.Storage.Appends;

namespace ChineseClip.Storage.Files;

/// <summary>A shard log in segment files.</summary>
/// <remarks>A handle that failed or was fenced refuses appends; what was acknowledged can still be read until it is closed.</remarks>
internal sealed class FileShardLog : IShardLog, IGroupWriter
{
    /// <summary>How much a reader takes from the disk before it hands it on, in bytes.</summary>
    private const int ReadBatchBytes = 1 << 20;

    private readonly Lock _gate = new();

    private readonly IFileSystem _fileSystem;

    private readonly string _directory;

    private readonly SegmentWriter _writer;

    private readonly GroupCommit _appends;

    private readonly List<Segment> _segments;

    private bool _closed;

    private bool _retired;

    public FileShardLog(
        IFileSystem fileSystem, FileStorageOptions options, string directory, (string ShardKey, long Epoch) lease, RecoveredLog log)
    {
        _fileSystem = fileSystem;
        _directory = directory;
        (ShardKey, Epoch) = lease;
        _segments = [.. log.Segments];
        AppendLimits limits = new(options.MaxRecordBytes, options.MaxPendingBytes);
        _appends = new GroupCommit(this, limits, ShardKey, directory, log.LastLsn);
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

    public long LastLsn => _appends.LastLsn;

    public Task<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken) =>
        _appends.AppendAsync(bodies, cancellationToken);

    public async IAsyncEnumerable<LogRecord> ReadAsync(long afterLsn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterLsn);
        Segment[] segments;
        long lastLsn;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            lastLsn = LastLsn;
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

    Task<long> IGroupWriter.WriteAsync(AppendGroup group)
    {
        if (_writer.RollWhenFull() is { } segment)
        {
            lock (_gate)
            {
                _segments.Add(segment);
            }
        }

        return Task.FromResult(_writer.WriteGroup(group.Bodies, group.Bytes));
    }

    GroupFailure IGroupWriter.Explain(Exception exception)
    {
        string path = _writer.ActivePath;
        return new GroupFailure(
            MediumErrors.Unavailable("write", path, exception),
            () => new StorageException(
                StorageError.Unavailable,
                $"The log of shard '{ShardKey}' takes no records since writing '{path}' failed ({exception.Message}); it must be opened again.",
                path,
                innerException: exception));
    }

    private async Task RetireAsync(Func<Exception> refusal, bool close)
    {
        lock (_gate)
        {
            _closed |= close;
        }

        await _appends.RetireAsync(refusal).ConfigureAwait(false);
        lock (_gate)
        {
            if (!_retired)
            {
                _writer.Finish();
                _writer.Dispose();
                _retired = true;
            }
        }
    }

    private void Truncate(long throughLsn, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _appends.ThrowIfRetired();
            Segment oldest;
            lock (_gate)
            {
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
}
