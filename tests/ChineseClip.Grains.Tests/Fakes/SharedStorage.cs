using ChineseClip.Storage;

namespace ChineseClip.Grains.Tests.Fakes;

/// <summary>One storage for several silos of one test process: the silos do not close it.</summary>
internal sealed class SharedStorage(IShardStorage inner) : IShardStorage
{
    public IDocumentStore Documents => inner.Documents;

    public ISnapshotStore Snapshots => inner.Snapshots;

    public bool AllowsReaders => inner.AllowsReaders;

    public Task<IShardLogReader> OpenReaderAsync(string shardKey, CancellationToken cancellationToken) =>
        inner.OpenReaderAsync(shardKey, cancellationToken);

    public Task<IShardLog> OpenLogAsync(string shardKey, CancellationToken cancellationToken) =>
        inner.OpenLogAsync(shardKey, cancellationToken);

    public Task DeleteShardAsync(string shardKey, CancellationToken cancellationToken) =>
        inner.DeleteShardAsync(shardKey, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
