namespace ChineseClip.Storage.Appends;

// One handle of a log is open, then exactly one of: failed (a write or sync went wrong), fenced (a newer handle was opened), closed.
// Nothing leaves those states; in each of them appends are refused.
//
// Group commit. Calls queue up under the lock. The first one starts the writing, which takes all that wait (up to a bound), writes them as
// one group, makes it durable once, and completes them in order; calls that come meanwhile form the next group. Nothing waits while the log is idle.

/// <summary>Takes concurrent appends of one log and has them written in groups. See the note above this type.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class GroupCommit(IGroupWriter writer, AppendLimits limits, string shardKey, string path, long lastLsn)
{
    /// <summary>What a record takes beside its body, in bytes.</summary>
    public const int RecordOverheadBytes = Files.RecordFormat.HeaderBytes;

    /// <summary>What one group may take, in bytes; a single longer call is written alone.</summary>
    private const int GroupBytes = 4 << 20;

    private readonly Lock _gate = new();

    private readonly Queue<AppendRequest> _waiting = new();

    private long _waitingBytes;

    private long _lastLsn = lastLsn;

    private Task? _writing;

    private Func<Exception>? _refusal;

    /// <summary>The last durable record.</summary>
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

            if (_waitingBytes > 0 && _waitingBytes + bytes > limits.MaxPendingBytes)
            {
                throw new StorageException(
                    StorageError.Overloaded,
                    $"{_waitingBytes} bytes wait to be written to the log of shard '{shardKey}'; {bytes} more would exceed {limits.MaxPendingBytes}.",
                    path);
            }

            _waiting.Enqueue(request);
            _waitingBytes += bytes;
            _writing ??= Task.Run(WriteWaitingAsync, CancellationToken.None);
        }

        return request.Task;
    }

    /// <exception cref="StorageException">The handle may not change the log any more.</exception>
    public void ThrowIfRetired()
    {
        lock (_gate)
        {
            if (_refusal is not null)
            {
                throw _refusal();
            }
        }
    }

    /// <summary>Refuses everything from now on, unless it does already, and returns when nothing is being written.</summary>
    public async Task RetireAsync(Func<Exception> refusal)
    {
        Task? writing;
        lock (_gate)
        {
            _refusal ??= refusal;
            RefuseWaiting();
            writing = _writing;
        }

        if (writing is not null)
        {
            await writing.ConfigureAwait(false);
        }
    }

    private async Task WriteWaitingAsync()
    {
        while (TakeGroup() is { } group)
        {
            try
            {
                Acknowledge(group, await writer.WriteAsync(group).ConfigureAwait(false));
            }
            catch (Exception exception) // the edge of the writing loop: whatever went wrong, nothing more may be acknowledged
            {
                Fail(group, writer.Explain(exception));
            }
        }
    }

    private AppendGroup? TakeGroup()
    {
        lock (_gate)
        {
            AppendGroup group = new();
            while (_waiting.TryPeek(out AppendRequest? request) && (group.Count == 0 || group.Bytes + request.Bytes <= GroupBytes))
            {
                _ = _waiting.Dequeue();
                _waitingBytes -= request.Bytes;
                if (request.CancellationToken.IsCancellationRequested)
                {
                    request.SetCanceled(request.CancellationToken);
                    continue;
                }

                group.Add(request);
            }

            if (group.Count == 0)
            {
                _writing = null;
                return null;
            }

            return group;
        }
    }

    private void Acknowledge(AppendGroup group, long lastLsn)
    {
        long lsn = LastLsn;
        Volatile.Write(ref _lastLsn, lastLsn);
        foreach (AppendRequest request in group.Requests)
        {
            lsn += request.Bodies.Count;
            request.SetResult(lsn);
        }
    }

    private void Fail(AppendGroup group, GroupFailure failure)
    {
        lock (_gate)
        {
            _refusal ??= failure.Refusal;
            RefuseWaiting();
        }

        foreach (AppendRequest request in group.Requests)
        {
            request.SetException(failure.Answer);
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
            if (bodies[i].Length > limits.MaxRecordBytes)
            {
                throw new ArgumentException(
                    $"Body {i} has {bodies[i].Length} bytes; a record holds at most {limits.MaxRecordBytes}.", nameof(bodies));
            }

            bytes += RecordOverheadBytes + bodies[i].Length;
        }

        return bytes <= AppendLimits.MaxCallBytes
            ? (int)bytes
            : throw new ArgumentException(
                $"The {bodies.Count} bodies take {bytes} bytes; one call takes at most {AppendLimits.MaxCallBytes}.", nameof(bodies));
    }
}
