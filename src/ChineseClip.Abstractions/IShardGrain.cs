namespace ChineseClip.Abstractions;

/// <summary>One shard of a collection: its log, its index, its payloads. Key <see cref="GrainKeys.Shard"/>.</summary>
[Alias("cc.IShardGrain")]
public interface IShardGrain : IShardReads
{
    /// <summary>Makes sure the shard is active, and waits until it has read its log.</summary>
    /// <param name="incarnation">The collection's incarnation.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>Its state.</returns>
    /// <exception cref="ClusterException">StorageUnavailable or Corrupt.</exception>
    [Alias("OpenAsync")]
    Task<ShardState> OpenAsync(Guid incarnation, CancellationToken cancellationToken = default);

    /// <summary>Appends to the log, then applies; durable and visible when it returns.</summary>
    /// <param name="write">The write.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>What it did.</returns>
    /// <exception cref="ClusterException">
    /// StorageUnavailable (nothing applied), DimensionMismatch or Conflict.
    /// </exception>
    [Alias("WriteAsync")]
    Task<ShardWriteAnswer> WriteAsync(ShardWrite write, CancellationToken cancellationToken = default);

    /// <summary>Deletes what fits a filter; durable when it returns.</summary>
    /// <param name="items">The filter.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="ClusterException">StorageUnavailable.</exception>
    [Alias("DeleteByFilterAsync")]
    Task<long> DeleteByFilterAsync(DeleteByFilter items, CancellationToken cancellationToken = default);

    /// <summary>Takes a snapshot, which stays until the collection's snapshot that it is a part of is deleted.</summary>
    [Alias("SnapshotAsync")]
    Task<ShardSnapshot> SnapshotAsync(Guid incarnation, string partOf, CancellationToken cancellationToken = default);

    /// <summary>Stops serving, because the collection is being deleted.</summary>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>A task that ends when it is done.</returns>
    [Alias("StopAsync")]
    Task StopAsync(CancellationToken cancellationToken = default);

    /// <summary>Moves to another silo as soon as the calls under way have ended; those that come meanwhile wait and go there.</summary>
    [Alias("HandOverAsync")]
    Task HandOverAsync(SiloAddress target, CancellationToken cancellationToken = default);
}
