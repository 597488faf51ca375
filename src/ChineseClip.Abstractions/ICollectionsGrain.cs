namespace ChineseClip.Abstractions;

/// <summary>The collections: what they are and how they stand. Key <see cref="GrainKeys.Single"/>.</summary>
[Alias("cc.ICollectionsGrain")]
public interface ICollectionsGrain : IGrainWithStringKey
{
    /// <summary>Creates a collection.</summary>
    /// <param name="collection">What it is to be.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>What was stored.</returns>
    /// <exception cref="ClusterException">InvalidInput, NotFound (the model) or Conflict (it exists).</exception>
    [Alias("CreateAsync")]
    Task<CollectionDefinition> CreateAsync(CreateCollection collection, CancellationToken cancellationToken = default);

    /// <summary>All collections, by name.</summary>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The definitions.</returns>
    [Alias("ListAsync")]
    Task<CollectionDefinition[]> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>One collection.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The definition; null when there is none.</returns>
    [Alias("FindAsync")]
    Task<CollectionDefinition?> FindAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>One collection with the state of its shards.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>The description.</returns>
    /// <exception cref="ClusterException">NotFound.</exception>
    [Alias("DescribeAsync")]
    Task<CollectionDescription> DescribeAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Deletes a collection with everything in it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Gives up when cancelled.</param>
    /// <returns>A task that ends when it is done.</returns>
    /// <exception cref="ClusterException">NotFound.</exception>
    [Alias("DeleteAsync")]
    Task DeleteAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Makes an alias stand for a collection. When the task completes, no call goes to the collection it stood for before.</summary>
    [Alias("SetAliasAsync")]
    Task SetAliasAsync(AliasDescription alias, CancellationToken cancellationToken = default);

    /// <summary>All aliases, by name.</summary>
    [Alias("ListAliasesAsync")]
    Task<AliasDescription[]> ListAliasesAsync(CancellationToken cancellationToken = default);

    /// <summary>Takes an alias away; the collection stays.</summary>
    [Alias("DeleteAliasAsync")]
    Task DeleteAliasAsync(string alias, CancellationToken cancellationToken = default);
}
