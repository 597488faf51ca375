using ChineseClip.Storage;

namespace ChineseClip.Grains.Shards;

// Why: appends carry the epoch and are refused when there is a newer one, so a shard that was taken over cannot write. But it could still
// answer reads: a process that was stopped (SIGSTOP, a paused machine) and continued does not know that another has gone on without it.
// So the newest epoch is asked for every second, and a read that comes when nobody has asked within Bound asks first.
// What it guarantees: while the storage answers, no read is answered by a shard that was taken over more than Bound (3 s) before.
// While the storage does not answer, reads go on: nobody can take the shard over then either, except across a partition that cuts this
// silo, but not the other, from the storage; that is bounded by the membership, which evicts a silo the others cannot reach.

/// <summary>Notices that another has taken the lease of a shard. See the note above this type.</summary>
/// <remarks>Threads: safe. Nothing is watched where the storage belongs to one process.</remarks>
internal sealed class LeaseWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly IShardLogReader _reader;
    private readonly TimeProvider _time;
    private readonly Action<long> _found;
    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _asking = new();
    private readonly Task _watching;
    private Task _asked = Task.CompletedTask;
    private long _answeredAt;

    private LeaseWatch(IShardLogReader reader, TimeProvider time, Action<long> found)
    {
        _reader = reader;
        _time = time;
        _found = found;
        _answeredAt = time.GetTimestamp();
        _watching = Task.Run(WatchAsync);
    }

    public static async Task<LeaseWatch?> BeginAsync(
        ShardHost host, string shardKey, Action<long> found, CancellationToken cancellationToken) => host.Storage.AllowsReaders
        ? new LeaseWatch(
            await host.Storage.OpenReaderAsync(shardKey, cancellationToken).ConfigureAwait(false), host.Time, found)
        : null;

    public ValueTask ConfirmAsync() =>
        _time.GetElapsedTime(Interlocked.Read(ref _answeredAt)) < Bound ? ValueTask.CompletedTask : new ValueTask(AskAsync());

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await AskAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _reader.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task WatchAsync()
    {
        using PeriodicTimer timer = new(Interval, _time);
        while (await timer.WaitForNextTickAsync(_closing.Token).ConfigureAwait(false))
        {
            await AskAsync().ConfigureAwait(false);
        }
    }

    // One question at a time for all who ask.
    private Task AskAsync()
    {
        lock (_asking)
        {
            if (_asked.IsCompleted)
            {
                _asked = AskOnceAsync();
            }

            return _asked;
        }
    }

    private async Task AskOnceAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        limit.CancelAfter(Patience);
        try
        {
            LogPosition position = await _reader.GetPositionAsync(limit.Token).ConfigureAwait(false);
            _found(position.Epoch);
        }
        catch (StorageException exception) when (exception.Error == StorageError.Fenced)
        {
            _found(long.MaxValue);    // the shard was deleted
        }
        catch (Exception exception) when (exception is StorageException or OperationCanceledException or ObjectDisposedException)
        {
            // The storage does not answer: reads go on.
        }

        Interlocked.Exchange(ref _answeredAt, _time.GetTimestamp());
    }
}
