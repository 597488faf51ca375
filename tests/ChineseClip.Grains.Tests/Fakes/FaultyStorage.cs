using ChineseClip.Storage;

namespace ChineseClip.Grains.Tests.Fakes;

/// <summary>Real storage that fails when told to.</summary>
internal sealed class FaultyStorage(IShardStorage inner) : IShardStorage
{
    public IDocumentStore Documents => inner.Documents;

    public ISnapshotStore Snapshots => inner.Snapshots;

    public bool AllowsReaders => inner.AllowsReaders;

    public Task<IShardLogReader> OpenReaderAsync(string shardKey, CancellationToken cancellationToken) =>
        inner.OpenReaderAsync(shardKey, cancellationToken);

    /// <summary>Shards whose log cannot be opened.</summary>
    public Func<string, bool> RefusesOpen { get; set; } = _ => false;

    /// <summary>Waited for before a log is opened.</summary>
    public Func<string, Task> BeforeOpen { get; set; } = _ => Task.CompletedTask;

    /// <summary>How many appends fail from now on.</summary>
    public int FailingAppends { get; set; }

    /// <summary>Whether a failing append reaches the disk all the same, unacknowledged.</summary>
    public bool WritesThenFails { get; set; }

    /// <summary>Waited for before each append.</summary>
    public Func<CancellationToken, Task> BeforeAppend { get; set; } = _ => Task.CompletedTask;

    public async Task<IShardLog> OpenLogAsync(string shardKey, CancellationToken cancellationToken)
    {
        await BeforeOpen(shardKey);
        return RefusesOpen(shardKey)
            ? throw new StorageException(StorageError.Unavailable, $"{shardKey} cannot be opened.")
            : new Log(this, await inner.OpenLogAsync(shardKey, cancellationToken));
    }

    public Task DeleteShardAsync(string shardKey, CancellationToken cancellationToken) =>
        inner.DeleteShardAsync(shardKey, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Log(FaultyStorage storage, IShardLog inner) : IShardLog
    {
        private bool _failed;

        public string ShardKey => inner.ShardKey;

        public long FirstLsn => inner.FirstLsn;

        public long LastLsn => inner.LastLsn;

        public long Epoch => inner.Epoch;

        public IAsyncEnumerable<LogRecord> ReadAsync(long afterLsn, CancellationToken cancellationToken) =>
            inner.ReadAsync(afterLsn, cancellationToken);

        public async Task<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken)
        {
            await storage.BeforeAppend(cancellationToken);
            if (_failed || storage.FailingAppends > 0)
            {
                if (!_failed && storage.WritesThenFails)
                {
                    await inner.AppendAsync(bodies, cancellationToken);
                }

                _failed = true;
                storage.FailingAppends--;
                throw new StorageException(StorageError.Unavailable, "The disk is full.");
            }

            return await inner.AppendAsync(bodies, cancellationToken);
        }

        public Task TruncateAsync(long throughLsn, CancellationToken cancellationToken) =>
            inner.TruncateAsync(throughLsn, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
