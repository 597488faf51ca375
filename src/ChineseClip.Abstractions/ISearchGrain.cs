namespace ChineseClip.Abstractions;

/// <summary>The way searches go: embed, fan out, merge. Stateless worker, key <see cref="GrainKeys.Worker"/>.</summary>
[Alias("cc.ISearchGrain")]
public interface ISearchGrain : IGrainWithIntegerKey
{
    /// <summary>Searches all shards of a collection.</summary>
    /// <param name="query">The query.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The merged hits.</returns>
    /// <exception cref="ClusterException">
    /// InvalidInput, NotFound, DimensionMismatch, Timeout, ShardUnavailable, ModelUnavailable or Overloaded.
    /// </exception>
    [Alias("SearchAsync")]
    Task<SearchAnswer> SearchAsync(SearchQuery query, CancellationToken cancellationToken = default);

    /// <summary>Searches several times at once; each query succeeds or fails by itself.</summary>
    /// <param name="batch">The queries.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>One outcome a query, in input order.</returns>
    /// <exception cref="ClusterException">InvalidInput (the batch as a whole).</exception>
    [Alias("SearchBatchAsync")]
    Task<SearchOutcome[]> SearchBatchAsync(SearchBatch batch, CancellationToken cancellationToken = default);

    /// <summary>Searches by examples.</summary>
    /// <param name="query">The examples.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The merged hits.</returns>
    /// <exception cref="ClusterException">InvalidInput, NotFound (an example), Timeout or ShardUnavailable.</exception>
    [Alias("RecommendAsync")]
    Task<SearchAnswer> RecommendAsync(RecommendQuery query, CancellationToken cancellationToken = default);
}
