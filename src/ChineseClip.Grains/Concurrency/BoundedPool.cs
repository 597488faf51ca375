using ChineseClip.Abstractions;
using ChineseClip.Grains.Telemetry;

namespace ChineseClip.Grains.Concurrency;

/// <summary>
/// Runs processor work on the thread pool, so many at once and so many waiting: grains hand their heavy work here, off
/// the grain scheduler, and are refused as overloaded when the queue is full.
/// </summary>
/// <remarks>Threads: safe.</remarks>
public sealed class BoundedPool : IDisposable
{
    private readonly SemaphoreSlim _places;
    private readonly KeyValuePair<string, object?> _tag;
    private int _waiting;

    public BoundedPool(string name, int concurrency, int maxQueueLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(concurrency);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxQueueLength, 1);
        Name = name;
        Capacity = maxQueueLength;
        _places = new SemaphoreSlim(concurrency == 0 ? Environment.ProcessorCount : concurrency);
        _tag = new KeyValuePair<string, object?>("queue", name);
    }

    public string Name { get; }

    /// <summary>How many may wait.</summary>
    public int Capacity { get; }

    /// <summary>How many wait.</summary>
    public int Depth => Volatile.Read(ref _waiting);

    /// <summary>Waits for a place, then runs <paramref name="work"/> on the thread pool.</summary>
    /// <exception cref="ClusterException">Overloaded: the queue is full.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (!_places.Wait(0, CancellationToken.None))
        {
            await WaitForPlaceAsync(cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await Task.Run(work, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task WaitForPlaceAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > Capacity)
        {
            Interlocked.Decrement(ref _waiting);
            throw new ClusterException(ErrorCode.Overloaded, $"The queue \"{Name}\" is full: {Capacity} are waiting.")
            {
                RetryAfter = TimeSpan.FromSeconds(1),
            };
        }

        GrainsTelemetry.QueueDepth.Add(1, _tag);
        try
        {
            await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
            GrainsTelemetry.QueueDepth.Add(-1, _tag);
        }
    }
}
