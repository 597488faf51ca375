using System.Diagnostics;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Telemetry;
using ChineseClip.Storage;

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

/// <summary>The log and the contents of one shard under one lease.</summary>
/// <remarks>Threads: safe.</remarks>
internal sealed class OpenShard : IAsyncDisposable
{
    private readonly IShardStorage _storage;
    private readonly OperationHistory _operations = new();
    private readonly Lock _order = new();
    private IShardLog _log;
    private Task _tail = Task.CompletedTask;
    private Task? _reopening;
    private bool _mustReopen;

    private OpenShard(IShardStorage storage, IShardLog log, CollectionDefinition definition, int ordinal)
    {
        _storage = storage;
        _log = log;
        Definition = definition;
        Ordinal = ordinal;
        Contents = new ShardContents(definition, ordinal, log.Epoch);
    }

    public CollectionDefinition Definition { get; }

    public int Ordinal { get; }

    public ShardContents Contents { get; }

    public long Epoch => _log.Epoch;

    /// <summary>Whether it must not be used any more.</summary>
    public bool IsLost { get; private set; }

    /// <summary>The name of a shard in the storage. The incarnation keeps a collection created anew from the old one's logs.</summary>
    public static string StorageKey(CollectionDefinition definition, int ordinal) =>
        FormattableString.Invariant($"{definition.Name}@{definition.Incarnation:N}/{ordinal}");

    public static async Task<OpenShard> OpenAsync(
        IShardStorage storage, CollectionDefinition definition, int ordinal, CancellationToken cancellationToken)
    {
        IShardLog log = await storage.OpenLogAsync(StorageKey(definition, ordinal), cancellationToken).ConfigureAwait(false);
        OpenShard shard = new(storage, log, definition, ordinal);
        try
        {
            await shard.ReplayAsync(cancellationToken).ConfigureAwait(false);
            return shard;
        }
        catch
        {
            await shard.DisposeAsync().ConfigureAwait(false);
            throw;
        }
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
        await SettledAsync().ConfigureAwait(false);
        await _log.DisposeAsync().ConfigureAwait(false);
        Contents.Dispose();
    }

    private Task<ShardWriteAnswer> Take(ShardWrite write, byte[] body, CancellationToken cancellationToken)
    {
        Task<long> append = AppendAsync(body, cancellationToken);       // Step 2
        Task<ShardWriteAnswer> done = ApplyInOrderAsync(_tail, append, write);
        _tail = done;
        _operations.Add(write.OperationId, done);
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

    private async Task<ShardWriteAnswer> ApplyInOrderAsync(Task previous, Task<long> append, ShardWrite write)
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
                IsLost |= exception is StorageException { Error: StorageError.Fenced };
            }

            throw;
        }

        await previous.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (IsLost)
        {
            throw Lost();
        }

        try
        {
            return await Task.Run(() => Contents.Apply(lsn, write)).ConfigureAwait(false);    // Step 3
        }
        catch
        {
            IsLost = true;    // the log is ahead of the contents; only a replay puts that right
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
        _log = await _storage.OpenLogAsync(StorageKey(Definition, Ordinal), CancellationToken.None).ConfigureAwait(false);
        Contents.Epoch = _log.Epoch;
        await old.DisposeAsync().ConfigureAwait(false);
        await ReplayAsync(CancellationToken.None).ConfigureAwait(false);
        lock (_order)
        {
            _mustReopen = false;
        }
    }

    private async Task ReplayAsync(CancellationToken cancellationToken)
    {
        string key = StorageKey(Definition, Ordinal);
        await foreach (LogRecord record in _log.ReadAsync(Contents.Lsn, cancellationToken).ConfigureAwait(false))
        {
            ShardWrite write = WriteRecord.Decode(record.Body, key, record.Lsn);
            foreach (ShardItem item in write.Upserts)
            {
                CheckVector(item.Vector);
            }

            _operations.Add(write.OperationId, Task.FromResult(Contents.Apply(record.Lsn, write)));
        }
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

    private ClusterException Lost() => new(
        ErrorCode.ShardUnavailable, $"The shard {Definition.Name}/{Ordinal} stopped before this write was applied; ask again.");
}
