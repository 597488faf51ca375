using ChineseClip.Abstractions;
using ChineseClip.Grains.Shards.Snapshots;
using ChineseClip.Storage;

namespace ChineseClip.Grains.Shards;

// A reader's copy of a shard. It begins with the newest snapshot and follows the log without taking the lease. What it knows is as old as
// the last time it had read the log to its end: that is its lag. It is lost when the log no longer has what comes next (it was truncated
// while the copy could not read) or the shard is gone; its grain then begins anew.

/// <summary>A copy of a shard that follows its log. See the note above this type.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class ShardReplica : IAsyncDisposable
{
    private static readonly TimeSpan LongestQuiet = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(250);

    private readonly ShardHost _host;
    private readonly IShardLogReader _log;
    private readonly OpenedSnapshot? _source;
    private readonly string _key;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _following = Task.CompletedTask;
    private long _knownAt;

    private ShardReplica(ShardHost host, IShardLogReader log, CollectionDefinition definition, int ordinal, RecoveredShard recovered)
    {
        _host = host;
        _log = log;
        _source = recovered.Source;
        _key = OpenShard.StorageKey(definition, ordinal);
        Definition = definition;
        Contents = recovered.Contents;
    }

    public CollectionDefinition Definition { get; }

    public ShardContents Contents { get; }

    /// <summary>Ends when the copy cannot follow any more.</summary>
    public Task Lost => _lost.Task;

    /// <summary>How old what it knows may be.</summary>
    public TimeSpan Lag => _host.Time.GetElapsedTime(Interlocked.Read(ref _knownAt));

    public static async Task<ShardReplica> OpenAsync(
        ShardHost host, CollectionDefinition definition, int ordinal, CancellationToken cancellationToken)
    {
        IShardLogReader log = await host.Storage.OpenReaderAsync(OpenShard.StorageKey(definition, ordinal), cancellationToken)
            .ConfigureAwait(false);
        ShardReplica? replica = null;
        try
        {
            // A snapshot may be newer than the position: its end is not held against it.
            LogPosition position = await log.GetPositionAsync(cancellationToken).ConfigureAwait(false);
            RecoveredShard recovered = await SnapshotRecovery.OpenAsync(
                host, definition, ordinal, position with { LastLsn = long.MaxValue }, cancellationToken).ConfigureAwait(false);
            replica = new ShardReplica(host, log, definition, ordinal, recovered);
            await replica.CatchUpAsync(isStaged: true, cancellationToken).ConfigureAwait(false);
            replica._following = Task.Run(replica.FollowAsync, CancellationToken.None);
            return replica;
        }
        catch
        {
            IAsyncDisposable opened = replica is null ? log : replica;
            await opened.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits until a record is known.</summary>
    public async Task ReachAsync(long lsn, CancellationToken cancellationToken)
    {
        while (Contents.Lsn < lsn)
        {
            Task progress = Volatile.Read(ref _progress).Task;
            if (Contents.Lsn < lsn)
            {
                await progress.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _log.DisposeAsync().ConfigureAwait(false);
        Contents.Dispose();
        _source?.Dispose();
        _closing.Dispose();
    }

    private async Task FollowAsync()
    {
        CancellationToken cancellationToken = _closing.Token;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                int unlinkedCount = Contents.UnlinkedCount;
                if (unlinkedCount > 0)
                {
                    Contents.LinkSome(Math.Min(unlinkedCount, 256), threads: 1, cancellationToken);
                }
                else
                {
                    await _log.WaitAsync(Contents.Lsn, LongestQuiet, cancellationToken).ConfigureAwait(false);
                }

                await CatchUpAsync(isStaged: false, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (StorageException exception) when (exception.IsTransient)
            {
                await Task.Delay(BetweenTries, _host.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception exception)
            {
                _host.Logger.ReplicaLost(exception, _key);
                _lost.TrySetResult();
                return;
            }
        }
    }

    private async Task CatchUpAsync(bool isStaged, CancellationToken cancellationToken)
    {
        long asked = _host.Time.GetTimestamp();
        LogPosition position = await _log.GetPositionAsync(cancellationToken).ConfigureAwait(false);
        Contents.Epoch = position.Epoch;
        if (position.LastLsn > Contents.Lsn)
        {
            await foreach (LogRecord record in _log.ReadAsync(Contents.Lsn, cancellationToken).ConfigureAwait(false))
            {
                ShardWrite write = WriteRecord.Decode(record.Body, _key, record.Lsn);
                _ = isStaged ? Contents.Stage(record.Lsn, write) : Contents.Apply(record.Lsn, write);
            }
        }

        Interlocked.Exchange(ref _knownAt, asked);
        Interlocked.Exchange(ref _progress, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}
