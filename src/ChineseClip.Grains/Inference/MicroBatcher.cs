using System.Diagnostics;
using System.Threading.Channels;
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
/// waits at most the batch delay for others. A request is taken whole or refused as overloaded.
/// Threads: safe.
/// </remarks>
internal sealed class MicroBatcher<T> : IDisposable
{
    private readonly MicroBatcherSettings _settings;
    private readonly Func<IReadOnlyList<T>, float[]> _encode;
    private readonly int _dimension;
    private readonly TimeProvider _time;
    private readonly Channel<(BatchRequest<T> Request, int Index)> _queue =
        Channel.CreateUnbounded<(BatchRequest<T>, int)>(new UnboundedChannelOptions { SingleReader = true });

    private readonly KeyValuePair<string, object?> _tag;
    private readonly Thread _thread;
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
        Reserve(inputs.Count);
        BatchRequest<T> request = new(inputs, _time.GetTimestamp(), timeout);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((BatchRequest<T>)state!).TryCancel(token), request);
        for (int i = 0; i < inputs.Count; i++)
        {
            if (!_queue.Writer.TryWrite((request, i)))
            {
                Release(inputs.Count - i);
                throw Stopped();
            }
        }

        return await request.Completion.ConfigureAwait(false);
    }

    /// <summary>Stops the thread after the batch it is in; what waits fails as unavailable.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
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

    private bool WaitForInput() =>
        _queue.Reader.WaitToReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();

    private void Gather(List<(BatchRequest<T> Request, int Index)> batch)
    {
        using CancellationTokenSource enough = new();
        Task? delay = null;
        while (batch.Count < _settings.MaxBatchSize)
        {
            if (_queue.Reader.TryRead(out (BatchRequest<T> Request, int Index) entry))
            {
                Release(1);
                if (!entry.Request.IsOver(_time))
                {
                    batch.Add(entry);
                }

                continue;
            }

            if (batch.Count == 0 || _settings.MaxBatchDelay == TimeSpan.Zero)
            {
                break;
            }

            delay ??= Task.Delay(_settings.MaxBatchDelay, _time, enough.Token);
            Task<bool> more = _queue.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
            if (Task.WaitAny(more, delay) == 1 || !more.GetAwaiter().GetResult())
            {
                break;
            }
        }

        enough.Cancel();
    }

    private void Encode(List<(BatchRequest<T> Request, int Index)> batch)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            float[] rows = _encode([.. batch.Select(entry => entry.Request.Inputs[entry.Index])]);
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
            foreach ((BatchRequest<T> request, _) in batch)
            {
                request.Fail(new ClusterException(
                    ErrorCode.ModelUnavailable, $"{_settings.Name} failed: {exception.Message}", exception));
            }
        }

        GrainsTelemetry.BatchSize.Record(batch.Count, _tag);
        GrainsTelemetry.EmbedSeconds.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, _tag);
    }

    private void Reserve(int count)
    {
        if (Interlocked.Add(ref _depth, count) > _settings.MaxQueueLength)
        {
            Interlocked.Add(ref _depth, -count);
            throw new ClusterException(
                ErrorCode.Overloaded,
                $"The queue of {_settings.Name} is full: {count} more inputs would exceed {_settings.MaxQueueLength}.")
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
        }

        GrainsTelemetry.QueueDepth.Add(count, _tag);
    }

    private void Release(int count)
    {
        Interlocked.Add(ref _depth, -count);
        GrainsTelemetry.QueueDepth.Add(-count, _tag);
    }

    private ClusterException Stopped() => new(ErrorCode.ModelUnavailable, $"{_settings.Name} is stopping.");
}
