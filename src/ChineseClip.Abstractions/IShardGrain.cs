namespace ChineseClip.Abstractions;

/// <summary>One shard of a collection: its log, its index, its payloads. Key <see cref="GrainKeys.Shard"/>.</summary>
[Alias("cc.IShardGrain")]
public interface IShardGrain : IGrainWithStringKey
{
    /// <summary>Makes sure the shard is active, and waits until it has read its log.</summary>
    /// <param name="incarnation">The collection's incarnation.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>Its state.</returns>
    /// <exception cref="ClusterException">StorageUnavailable or Corrupt.</exception>
    [Alias("OpenAsync")]
    Task<ShardState> OpenAsync(Guid incarnation, CancellationToken cancellationToken = default);

    /// <summary>How it stands, also while it reads its log.</summary>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>Its state.</returns>
    [Alias("DescribeAsync")]
    Task<ShardState> DescribeAsync(CancellationToken cancellationToken = default);

    /// <summary>Appends to the log, then applies; durable and visible when it returns.</summary>
    /// <param name="write">The write.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>What it did.</returns>
    /// <exception cref="ClusterException">
    /// StorageUnavailable (nothing applied), DimensionMismatch or Conflict.
    /// </exception>
    [Alias("WriteAsync")]
    Task<ShardWriteAnswer> WriteAsync(ShardWrite write, CancellationToken cancellationToken = default);

    /// <summary>Searches this shard.</summary>
    /// <param name="search">The search.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>Its hits.</returns>
    /// <exception cref="ClusterException">Overloaded, Timeout or DimensionMismatch.</exception>
    [Alias("SearchAsync")]
    Task<ShardSearchAnswer> SearchAsync(ShardSearch search, CancellationToken cancellationToken = default);

    /// <summary>Fetches items.</summary>
    /// <param name="query">The ids.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>Those that exist here.</returns>
    [Alias("GetAsync")]
    Task<StoredItem[]> GetAsync(GetItems query, CancellationToken cancellationToken = default);

    /// <summary>One page of this shard by id.</summary>
    /// <param name="query">Where and how many.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The page.</returns>
    [Alias("ScrollAsync")]
    Task<ScrollPage> ScrollAsync(ScrollQuery query, CancellationToken cancellationToken = default);

    /// <summary>How many items of this shard fit.</summary>
    /// <param name="query">What to count.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The count.</returns>
    [Alias("CountAsync")]
    Task<long> CountAsync(CountQuery query, CancellationToken cancellationToken = default);

    /// <summary>The values of a field in this shard, all of them.</summary>
    /// <param name="query">The field.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The values.</returns>
    [Alias("FacetsAsync")]
    Task<FacetAnswer> FacetsAsync(FacetQuery query, CancellationToken cancellationToken = default);

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
}
