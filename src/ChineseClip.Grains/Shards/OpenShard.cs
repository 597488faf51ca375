using System.Diagnostics;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Shards.Snapshots;
using ChineseClip.Grains.Telemetry;
using ChineseClip.Storage;
using ChineseClip.Vectors;

namespace ChineseClip.Grains.Shards;

// A shard that has read its log. How a write goes:
//   1. validate                       nothing is touched when it fails
//   2. append to the log              calls are given LSNs in the order they come; concurrent ones share one fsync
//   3. apply, in the order of LSNs    a write is applied after the one before it
//   4. acknowledge
// When an append fails as Unavailable, nothing is applied and the log takes no more appends until it is opened again; the next
// write does that first, and applies what it finds behind the last applied record: an append that was not acknowledged may
// have reached the disk. Reads go on throughout. When an append is Fenced, or applying fails, the shard is lost: its grain stops,
// and the next activation starts from the log.
//
// How it opens: the lease; the newest snapshot that can be used (SnapshotRecovery); the log behind it. What comes from the log is not
// linked into the graph at once: the shard answers by comparing those vectors one by one, while a thread of its own links them.
// How a snapshot is taken (SnapshotKeeper): captured between two writes, so that it holds every record up to one LSN and none beyond; then
// written beside reads and writes.

/// <summary>The log and the contents of one shard under one lease.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class OpenShard : IAsyncDisposable
{
    /// <summary>So few vectors are linked before the shard is open.</summary>
    private const int LinkedAtOnce = 64;
    private const int LinkBatch = 1024;

    /// <summary>Half of the processors: searches need the others, more than ever.</summary>
    private static readonly int LinkThreads = Math.Clamp(Environment.ProcessorCount / 2, 1, BulkBuildOptions.MaxThreads);

    private readonly ShardHost _host;
    private readonly SnapshotKeeper _snapshots;
    private readonly ShardLearning? _learning;
    private readonly CancellationTokenSource _closing = new();
    private readonly OperationHistory _operations = new();
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _order = new();
    private LeaseWatch? _lease;
    private IShardLog _log;
    private Task _tail = Task.CompletedTask;
    private Task? _reopening;
    private Task _linking = Task.CompletedTask;
    private Task _snapshot = Task.CompletedTask;
    private bool _mustReopen;

    private OpenShard(ShardHost host, IShardLog log, CollectionDefinition definition, int ordinal, RecoveredShard recovered)
    {
        _host = host;
        _log = log;
        _snapshots = new SnapshotKeeper(host, definition, ordinal, recovered);
        Definition = definition;
        Ordinal = ordinal;
        Contents = recovered.Contents;
        _learning = definition.Learns ? new ShardLearning(Contents.Index, host.Learning, host.Time, host.LearningTurns) : null;
        foreach ((Guid operation, ShardWriteAnswer answer) in recovered.Operations)
        {
            _operations.Add(operation, Task.FromResult(answer));
        }
    }

    public CollectionDefinition Definition { get; }

    public int Ordinal { get; }

    public ShardContents Contents { get; }

    public long Epoch => _log.Epoch;

    public LearningState? Learning => _learning?.Describe();

    /// <summary>The newest snapshot; null when there is none.</summary>
    public SnapshotDescription? Snapshot => _snapshots.Newest;

    /// <summary>Whether it must not be used any more.</summary>
    public bool IsLost => _lost.Task.IsCompleted;

    /// <summary>Ends when the shard must not be used any more.</summary>
    public Task Lost => _lost.Task;

    /// <summary>The name of a shard in the storage. The incarnation keeps a collection created anew from the old one's logs.</summary>
    public static string StorageKey(CollectionDefinition definition, int ordinal) =>
        FormattableString.Invariant($"{definition.Name}@{definition.Incarnation:N}/{ordinal}");

    public static async Task<OpenShard> OpenAsync(
        ShardHost host, CollectionDefinition definition, int ordinal, CancellationToken cancellationToken)
    {
        IShardLog log = await host.Storage.OpenLogAsync(StorageKey(definition, ordinal), cancellationToken).ConfigureAwait(false);
        OpenShard? shard = null;
        try
        {
            RecoveredShard recovered = await SnapshotRecovery.OpenAsync(
                host, definition, ordinal, new LogPosition(log.FirstLsn, log.LastLsn, log.Epoch), cancellationToken).ConfigureAwait(false);
            shard = new OpenShard(host, log, definition, ordinal, recovered);
            await shard.ReplayAsync(isStaged: true, cancellationToken).ConfigureAwait(false);
            shard.BeginLinking(cancellationToken);
            shard._lease = await LeaseWatch.BeginAsync(host, StorageKey(definition, ordinal), shard.LoseTo, cancellationToken)
                .ConfigureAwait(false);
            return shard;
        }
        catch
        {
            IAsyncDisposable opened = shard is null ? log : shard;
            await opened.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ShardSearchAnswer Search(ShardSearch search, CancellationToken cancellationToken)
    {
        ShardSearchAnswer answer = Contents.Search(search, cancellationToken);
        if (search.IsText)
        {
            _learning?.Observe(search.Vector.ToArray());
        }

        return answer;
    }

    /// <summary>Takes a snapshot now; waits for one that is being taken, and for vectors that are not linked yet.</summary>
    /// <param name="partOf">The collection's snapshot that it is a part of.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    public async Task<SnapshotDescription> SnapshotAsync(string? partOf, CancellationToken cancellationToken)
    {
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        await _linking.WaitAsync(ends.Token).ConfigureAwait(false);
        return await _snapshots.TakeAsync(CaptureAsync, () => _log, partOf, ends.Token).ConfigureAwait(false)
            ?? throw new ClusterException(
                ErrorCode.ShardUnavailable, $"The shard {Definition.Name}/{Ordinal} is still linking its vectors; ask again.");
    }

    /// <summary>Waits until it is known that no other has taken the shard within the last seconds; see <see cref="LeaseWatch"/>.</summary>
    public ValueTask ConfirmLeaseAsync() => _lease?.ConfirmAsync() ?? ValueTask.CompletedTask;

    /// <summary>Takes a snapshot when reading the log would take longer; reads and writes go on.</summary>
    public async Task PrepareToMoveAsync(CancellationToken cancellationToken)
    {
        if (!IsLost && _snapshots.IsWorthIt(_host.Snapshots) && _linking.IsCompleted)
        {
            await TrySnapshotAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stops in peace: takes a snapshot first when reading the log would take longer than that.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        await PrepareToMoveAsync(cancellationToken).ConfigureAwait(false);
        await DisposeAsync().ConfigureAwait(false);
    }

    public async Task<ShardWriteAnswer> WriteAsync(ShardWrite write, CancellationToken cancellationToken)
    {
        CheckWrite(write);                                              // Step 1
        byte[] body = WriteRecord.Encode(write);
        while (true)
        {
            if (_mustReopen)
            {
                await ReopenAsync().ConfigureAwait(false);
            }

            cancellationToken.ThrowIfCancellationRequested();
            Task<ShardWriteAnswer>? done;
            lock (_order)
            {
                done = _mustReopen ? null : _operations.Find(write.OperationId) ?? Take(write, body, cancellationToken);
            }

            try
            {
                if (done is not null)
                {
                    return await done.ConfigureAwait(false);            // Step 4
                }
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Somebody else's attempt at the same operation was cancelled before it was written: this one takes its place.
            }
        }
    }

    /// <summary>Refuses what belongs to another incarnation of the collection or to another model.</summary>
    public void CheckIdentity(Guid incarnation, string? modelSha256)
    {
        if (incarnation != Definition.Incarnation)
        {
            throw new ClusterException(
                ErrorCode.Conflict, $"The collection \"{Definition.Name}\" was created anew since this call began.");
        }

        if (modelSha256 is not null && modelSha256 != Definition.ModelSha256)
        {
            throw new ClusterException(
                ErrorCode.DimensionMismatch,
                $"The embedding is of the model {modelSha256}; the collection \"{Definition.Name}\" is of {Definition.ModelSha256 ?? "no model"}.");
        }
    }

    public void CheckVector(EmbeddingVector vector)
    {
        if (vector.Length != Definition.Dimension)
        {
            throw new ClusterException(
                ErrorCode.DimensionMismatch,
                $"The vector has {vector.Length} values; the collection \"{Definition.Name}\" has {Definition.Dimension}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        if (_lease is not null)
        {
            await _lease.DisposeAsync().ConfigureAwait(false);
        }

        await SettledAsync().ConfigureAwait(false);
        await _linking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _snapshot.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _snapshots.DisposeAsync().ConfigureAwait(false);
        if (_learning is not null)
        {
            await _learning.DisposeAsync().ConfigureAwait(false);
        }

        await _log.DisposeAsync().ConfigureAwait(false);
        Contents.Dispose();
        _closing.Dispose();
    }

    private void LoseTo(long epoch)
    {
        if (epoch > _log.Epoch && !_mustReopen)    // our own next lease is taken while the log is opened again
        {
            _lost.TrySetResult();
        }
    }

    private Task<ShardWriteAnswer> Take(ShardWrite write, byte[] body, CancellationToken cancellationToken)
    {
        Task<long> append = AppendAsync(body, cancellationToken);       // Step 2
        Task<ShardWriteAnswer> done = ApplyInOrderAsync(_tail, append, write, body.Length);
        _tail = done;
        // The caller holds the lock, so what fails later takes itself out again. What failed on the spot has tried that already, and
        // remembered, it would be the answer to every repetition.
        if (!done.IsFaulted && !done.IsCanceled)
        {
            _operations.Add(write.OperationId, done);
        }

        return done;
    }

    private void CheckWrite(ShardWrite write)
    {
        CheckIdentity(write.Incarnation, write.ModelSha256);
        foreach (ShardItem item in write.Upserts)
        {
            CheckVector(item.Vector);
        }
    }

    private async Task<long> AppendAsync(byte[] body, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        long lsn = await _log.AppendAsync([body], cancellationToken).ConfigureAwait(false);
        GrainsTelemetry.AppendSeconds.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        return lsn;
    }

    private async Task<ShardWriteAnswer> ApplyInOrderAsync(Task previous, Task<long> append, ShardWrite write, int bytes)
    {
        long lsn;
        try
        {
            lsn = await append.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            lock (_order)
            {
                _operations.Remove(write.OperationId);
                _mustReopen |= exception is StorageException { Error: StorageError.Unavailable };
                if (exception is StorageException { Error: StorageError.Fenced })
                {
                    _lost.TrySetResult();
                }
            }

            throw;
        }

        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (IsLost)
        {
            throw Stopped();
        }

        try
        {
            ShardWriteAnswer answer = await Task.Run(() => Contents.Apply(lsn, write)).ConfigureAwait(false);    // Step 3
            _snapshots.Count(write, bytes);
            ConsiderSnapshot();
            return answer;
        }
        catch
        {
            _lost.TrySetResult();    // the log is ahead of the contents; only a replay puts that right
            throw;
        }
    }

    private async Task ReopenAsync()
    {
        Task reopening;
        lock (_order)
        {
            reopening = _mustReopen ? _reopening ??= ReopenOnceAsync() : Task.CompletedTask;
        }

        try
        {
            await reopening.ConfigureAwait(false);
        }
        finally
        {
            lock (_order)
            {
                if (_reopening == reopening)
                {
                    _reopening = null;
                }
            }
        }
    }

    private async Task ReopenOnceAsync()
    {
        await Task.Yield();    // the caller holds the lock
        await SettledAsync().ConfigureAwait(false);
        IShardLog old = _log;
        _log = await _host.Storage.OpenLogAsync(StorageKey(Definition, Ordinal), CancellationToken.None).ConfigureAwait(false);
        Contents.Epoch = _log.Epoch;
        await old.DisposeAsync().ConfigureAwait(false);
        await ReplayAsync(isStaged: false, CancellationToken.None).ConfigureAwait(false);
        lock (_order)
        {
            _mustReopen = false;
        }
    }

    private async Task ReplayAsync(bool isStaged, CancellationToken cancellationToken)
    {
        string key = StorageKey(Definition, Ordinal);
        await foreach (LogRecord record in _log.ReadAsync(Contents.Lsn, cancellationToken).ConfigureAwait(false))
        {
            ShardWrite write = WriteRecord.Decode(record.Body, key, record.Lsn);
            foreach (ShardItem item in write.Upserts)
            {
                CheckVector(item.Vector);
            }

            ShardWriteAnswer answer = isStaged ? Contents.Stage(record.Lsn, write) : Contents.Apply(record.Lsn, write);
            _operations.Add(write.OperationId, Task.FromResult(answer));
            _snapshots.Count(write, record.Body.Length);
        }
    }

    private void BeginLinking(CancellationToken cancellationToken)
    {
        int unlinkedCount = Contents.UnlinkedCount;
        if (unlinkedCount <= LinkedAtOnce)
        {
            Contents.LinkSome(unlinkedCount, threads: 1, cancellationToken);
            return;
        }

        _host.Logger.LinkingBegun(StorageKey(Definition, Ordinal), unlinkedCount);
        _linking = Task.Factory.StartNew(
            () => Link(_closing.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private void Link(CancellationToken cancellationToken)
    {
        long start = _host.Time.GetTimestamp();
        try
        {
            while (Contents.LinkSome(LinkBatch, LinkThreads, cancellationToken) > 0)
            {
            }

            _host.Logger.LinkingDone(
                StorageKey(Definition, Ordinal), (long)_host.Time.GetElapsedTime(start).TotalMilliseconds);
            ConsiderSnapshot();
        }
        catch (OperationCanceledException)
        {
            // Closing: what is not linked is in the log.
        }
        catch (Exception exception)
        {
            _host.Logger.LinkingFailed(exception, StorageKey(Definition, Ordinal));
        }
    }

    private void ConsiderSnapshot()
    {
        if (_snapshots.IsDue(_host.Snapshots) && _snapshot.IsCompleted && !_closing.IsCancellationRequested)
        {
            _snapshot = Task.Run(() => TrySnapshotAsync(_closing.Token), CancellationToken.None);
        }
    }

    private async Task TrySnapshotAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _snapshots.TakeAsync(CaptureAsync, () => _log, partOf: null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                _host.Logger.SnapshotFailed(exception, StorageKey(Definition, Ordinal));
            }
        }
    }

    // Between two writes: all before it are applied, and none behind it.
    private async Task<ShardImage?> CaptureAsync()
    {
        Task<ShardImage?> capture;
        lock (_order)
        {
            if (_mustReopen)
            {
                return null;    // what the log has beyond the contents is about to be applied, out of this order
            }

            capture = CaptureInOrderAsync(_tail);
            _tail = capture;
        }

        return await capture.ConfigureAwait(false);
    }

    private async Task<ShardImage?> CaptureInOrderAsync(Task previous)
    {
        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (IsLost)
        {
            throw Stopped();
        }

        List<KeyValuePair<Guid, ShardWriteAnswer>> operations;
        lock (_order)
        {
            operations = _operations.Done();
        }

        return await Task.Run(() => Contents.Capture(operations)).ConfigureAwait(false);
    }

    // Writes that were taken are done, one way or the other.
    private async Task SettledAsync()
    {
        Task tail;
        lock (_order)
        {
            tail = _tail;
        }

        await tail.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private ClusterException Stopped() => new(
        ErrorCode.ShardUnavailable, $"The shard {Definition.Name}/{Ordinal} stopped before this write was applied; ask again.");
}
