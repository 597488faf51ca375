using ChineseClip.Abstractions;
using ChineseClip.Grains.Telemetry;

namespace ChineseClip.Grains.Inference;

/// <summary>
/// Gathers inputs that arrive together into batches for an encoder that blocks.
/// </summary>
/// <remarks>
/// It has a thread of its own, because a forward pass blocks for milliseconds and the grain scheduler must not.
/// States of a request: waiting (counted in <see cref="Depth"/>) → in a batch → done. A request that was cancelled or
/// whose time is up while it waits is dropped when its turn comes and costs no forward pass. The first input of a batch
/// waits at most the batch delay for others. A request is taken whole or refused as overloaded: when the queue is full, or when what is
/// before it takes, at the pace of the last batches, longer than its caller waits.
/// Threads: safe.
/// </remarks>
internal sealed class MicroBatcher<T> : IDisposable
{
    private const double PaceWeight = 0.2;

    /// <summary>A batch that took longer by far, because the process stood still, says little of the next one.</summary>
    private const double LargestPaceStep = 2;

    private readonly MicroBatcherSettings _settings;
    private readonly Func<IReadOnlyList<T>, float[]> _encode;
    private readonly int _dimension;
    private readonly TimeProvider _time;
    private readonly object _gate = new();    // guards the queue and _isStopped; pulsed when either changes or a delay is over
    private readonly Queue<(BatchRequest<T> Request, int Index)> _queue = new();
    private bool _isStopped;
    private readonly KeyValuePair<string, object?> _tag;
    private readonly Thread _thread;
    private int _encoding;
    private TimeSpan _pace;    // of one input, over the last batches
    private int _depth;
    private long _encodedCount;
    private long _batchCount;

    public MicroBatcher(
        MicroBatcherSettings settings, int dimension, Func<IReadOnlyList<T>, float[]> encode, TimeProvider time)
    {
        _settings = settings;
        _dimension = dimension;
        _encode = encode;
        _time = time;
        _tag = new KeyValuePair<string, object?>("queue", settings.Name);
        _thread = new Thread(Run) { IsBackground = true, Name = settings.Name };
        _thread.Start();
    }

    /// <summary>Inputs that wait.</summary>
    public int Depth => Volatile.Read(ref _depth);

    public long EncodedCount => Interlocked.Read(ref _encodedCount);

    public long BatchCount => Interlocked.Read(ref _batchCount);

    /// <summary>Encodes inputs, each into one row of the dimension.</summary>
    /// <exception cref="ClusterException">Overloaded, Timeout or ModelUnavailable.</exception>
    public async Task<float[][]> EncodeAsync(
        IReadOnlyList<T> inputs, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (inputs.Count == 0)
        {
            return [];
        }

        cancellationToken.ThrowIfCancellationRequested();
        BatchRequest<T> request = new(inputs, _time.GetTimestamp(), timeout);
        Enqueue(request);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((BatchRequest<T>)state!).TryCancel(token), request);
        return await request.Completion.ConfigureAwait(false);
    }

    /// <summary>Stops the thread after what waits is encoded; what comes later is refused.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopped = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join();
    }

    private void Run()
    {
        List<(BatchRequest<T> Request, int Index)> batch = new(_settings.MaxBatchSize);
        while (WaitForInput())
        {
            Gather(batch);
            if (batch.Count > 0)
            {
                Encode(batch);
                batch.Clear();
            }
        }
    }

    private bool WaitForInput()
    {
        lock (_gate)
        {
            while (_queue.Count == 0 && !_isStopped)
            {
                Monitor.Wait(_gate);
            }

            return _queue.Count > 0;
        }
    }

    private void Gather(List<(BatchRequest<T> Request, int Index)> batch)
    {
        bool isDelayOver = _settings.MaxBatchDelay == TimeSpan.Zero;
        ITimer? delay = null;
        lock (_gate)
        {
            while (batch.Count < _settings.MaxBatchSize)
            {
                if (_queue.TryDequeue(out (BatchRequest<T> Request, int Index) entry))
                {
                    Release();
                    if (!entry.Request.IsOver(_time))
                    {
                        batch.Add(entry);
                    }
                }
                else if (batch.Count == 0 || isDelayOver || _isStopped)
                {
                    break;
                }
                else
                {
                    delay ??= _time.CreateTimer(_ => EndDelay(), null, _settings.MaxBatchDelay, Timeout.InfiniteTimeSpan);
                    Monitor.Wait(_gate);
                }
            }

            _encoding = batch.Count;
        }

        delay?.Dispose();

        void EndDelay()
        {
            lock (_gate)
            {
                isDelayOver = true;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void Encode(List<(BatchRequest<T> Request, int Index)> batch)
    {
        long start = _time.GetTimestamp();
        try
        {
            float[] rows = _encode([.. batch.Select(entry => entry.Request.Inputs[entry.Index])]);
            EndBatch(_time.GetElapsedTime(start) / batch.Count);
            Interlocked.Add(ref _encodedCount, batch.Count);
            Interlocked.Increment(ref _batchCount);
            for (int i = 0; i < batch.Count; i++)
            {
                batch[i].Request.Complete(batch[i].Index, rows.AsSpan(i * _dimension, _dimension).ToArray());
            }
        }
        catch (Exception exception)
        {
            // The edge of this thread: whatever the runtime threw belongs to the callers, and the next batch may do well.
            EndBatch(_pace);
            foreach ((BatchRequest<T> request, _) in batch)
            {
                request.Fail(new ClusterException(
                    ErrorCode.ModelUnavailable, $"{_settings.Name} failed: {exception.Message}", exception));
            }
        }

        GrainsTelemetry.BatchSize.Record(batch.Count, _tag);
        GrainsTelemetry.EmbedSeconds.Record(_time.GetElapsedTime(start).TotalSeconds, _tag);
    }

    private void EndBatch(TimeSpan perInput)
    {
        lock (_gate)
        {
            _encoding = 0;
            bool isFirst = _pace == TimeSpan.Zero;
            TimeSpan counted = isFirst || perInput < LargestPaceStep * _pace ? perInput : LargestPaceStep * _pace;
            _pace = isFirst ? counted : _pace + (PaceWeight * (counted - _pace));
        }
    }

    private void Enqueue(BatchRequest<T> request)
    {
        int count = request.Inputs.Count;
        lock (_gate)
        {
            if (_isStopped)
            {
                throw new ClusterException(ErrorCode.ModelUnavailable, $"{_settings.Name} is stopping.");
            }

            if (_queue.Count + count > _settings.MaxQueueLength)
            {
                throw new ClusterException(
                    ErrorCode.Overloaded,
                    $"The queue of {_settings.Name} is full: {count} more inputs would exceed {_settings.MaxQueueLength}.")
                {
                    RetryAfter = TimeSpan.FromSeconds(1),
                };
            }

            // One that finds nobody before it is always taken: it also shows the pace anew.
            int before = _queue.Count + _encoding;
            if (before > 0 && (before + count) * _pace > request.Timeout)
            {
                throw new ClusterException(
                    ErrorCode.Overloaded, $"{before} inputs are before it at {_settings.Name}, more than {request.Timeout} allow.")
                {
                    RetryAfter = TimeSpan.FromSeconds(1),
                };
            }

            for (int i = 0; i < count; i++)
            {
                _queue.Enqueue((request, i));
            }

            Volatile.Write(ref _depth, _queue.Count);
            Monitor.PulseAll(_gate);
        }

        GrainsTelemetry.QueueDepth.Add(count, _tag);
    }

    private void Release()
    {
        Volatile.Write(ref _depth, _queue.Count);
        GrainsTelemetry.QueueDepth.Add(-1, _tag);
    }
}
