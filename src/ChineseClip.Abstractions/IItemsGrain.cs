namespace ChineseClip.Abstractions;

/// <summary>The stored items, by id and by filter. Stateless worker, key <see cref="GrainKeys.Worker"/>.</summary>
[Alias("cc.IItemsGrain")]
public interface IItemsGrain : IGrainWithIntegerKey
{
    /// <summary>Fetches items.</summary>
    /// <param name="query">The ids.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>Those that exist, in input order.</returns>
    /// <exception cref="ClusterException">NotFound (the collection).</exception>
    [Alias("GetAsync")]
    Task<StoredItem[]> GetAsync(GetItems query, CancellationToken cancellationToken = default);

    /// <summary>Deletes items; durable when it returns.</summary>
    /// <param name="items">The ids.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>Which were there.</returns>
    /// <exception cref="ClusterException">NotFound (the collection).</exception>
    [Alias("DeleteAsync")]
    Task<DeleteAnswer> DeleteAsync(DeleteItems items, CancellationToken cancellationToken = default);

    /// <summary>Deletes the items that fit a filter; durable when it returns.</summary>
    /// <param name="items">The filter.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="ClusterException">NotFound, InvalidInput.</exception>
    [Alias("DeleteByFilterAsync")]
    Task<DeleteAnswer> DeleteByFilterAsync(DeleteByFilter items, CancellationToken cancellationToken = default);

    /// <summary>One page of a walk through a collection.</summary>
    /// <param name="query">Where and how many.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The page.</returns>
    /// <exception cref="ClusterException">NotFound, InvalidInput.</exception>
    [Alias("ScrollAsync")]
    Task<ScrollPage> ScrollAsync(ScrollQuery query, CancellationToken cancellationToken = default);

    /// <summary>How many items fit.</summary>
    /// <param name="query">What to count.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The count.</returns>
    /// <exception cref="ClusterException">NotFound.</exception>
    [Alias("CountAsync")]
    Task<long> CountAsync(CountQuery query, CancellationToken cancellationToken = default);

    /// <summary>The values of a payload field.</summary>
    /// <param name="query">The field.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The values with their counts.</returns>
    /// <exception cref="ClusterException">NotFound, InvalidInput.</exception>
    [Alias("FacetsAsync")]
    Task<FacetAnswer> FacetsAsync(FacetQuery query, CancellationToken cancellationToken = default);
}
