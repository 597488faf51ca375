namespace ChineseClip.Abstractions;

/// <summary>What can be asked of any copy of a shard.</summary>
[Alias("cc.IShardReads")]
public interface IShardReads : IGrainWithStringKey
{
    /// <summary>How it stands, also while it reads its log.</summary>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>Its state.</returns>
    [Alias("DescribeAsync")]
    Task<ShardState> DescribeAsync(CancellationToken cancellationToken = default);

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
}
