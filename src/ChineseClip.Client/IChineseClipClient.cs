using ChineseClip.Contracts;

namespace ChineseClip.Client;

/// <summary>A ChineseClip cluster: collections of pictures and texts that are searched by meaning.</summary>
/// <remarks>
/// Threads: safe. Every method throws <see cref="ChineseClipException"/> when the server refuses or cannot be reached,
/// and <see cref="OperationCanceledException"/> when its token is cancelled.
/// </remarks>
public interface IChineseClipClient
{
    /// <summary>Creates a collection.</summary>
    /// <param name="collection">Name of the new collection.</param>
    /// <param name="request">Its model and settings.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<CollectionDescription> CreateCollectionAsync(
        string collection, CreateCollectionRequest request, CancellationToken cancellationToken = default);

    /// <summary>Lists all collections, by name.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<CollectionList> ListCollectionsAsync(CancellationToken cancellationToken = default);

    /// <summary>Describes a collection with the state of its shards.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<CollectionDescription> GetCollectionAsync(string collection, CancellationToken cancellationToken = default);

    /// <summary>Deletes a collection with all its items.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task DeleteCollectionAsync(string collection, CancellationToken cancellationToken = default);

    /// <summary>Makes an alias stand for a collection; when it returns, no call by the alias goes to the collection it stood for before.</summary>
    /// <param name="alias">The alias.</param>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<AliasDescription> SetAliasAsync(string alias, string collection, CancellationToken cancellationToken = default);

    /// <summary>Lists all aliases, by name.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<AliasList> ListAliasesAsync(CancellationToken cancellationToken = default);

    /// <summary>Deletes an alias; the collection stays.</summary>
    /// <param name="alias">The alias.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task DeleteAliasAsync(string alias, CancellationToken cancellationToken = default);

    /// <summary>Takes a snapshot of a collection while it is read and written.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<SnapshotDescription> CreateSnapshotAsync(string collection, CancellationToken cancellationToken = default);

    /// <summary>Lists the snapshots of a collection, newest first.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<SnapshotList> ListSnapshotsAsync(string collection, CancellationToken cancellationToken = default);

    /// <summary>Deletes a snapshot.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="id">The snapshot.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task DeleteSnapshotAsync(string collection, string id, CancellationToken cancellationToken = default);

    /// <summary>Restores a snapshot.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="id">The snapshot.</param>
    /// <param name="newName">The new collection; <see langword="null"/> replaces the present content of the collection.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<CollectionDescription> RestoreSnapshotAsync(
        string collection, string id, string? newName = null, CancellationToken cancellationToken = default);

    /// <summary>Copies a snapshot to a folder below the server's exchange directory.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="id">The snapshot.</param>
    /// <param name="folder">A new folder; <see langword="null"/> takes the snapshot's name.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<ExportSnapshotResponse> ExportSnapshotAsync(
        string collection, string id, string? folder = null, CancellationToken cancellationToken = default);

    /// <summary>Makes a new collection of a folder below the server's exchange directory.</summary>
    /// <param name="newName">The new collection.</param>
    /// <param name="folder">The folder a snapshot was exported to.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<CollectionDescription> ImportSnapshotAsync(
        string newName, string folder, CancellationToken cancellationToken = default);

    /// <summary>Stores items; an id that exists is replaced. What is not <c>failed</c> in the answer is durable.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="request">The items.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<PutItemsResponse> PutItemsAsync(
        string collection, PutItemsRequest request, CancellationToken cancellationToken = default);

    /// <summary>Gets an item; one that does not exist is a <c>not_found</c> error.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="id">Id of the item.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<ItemResponse> GetItemAsync(string collection, string id, CancellationToken cancellationToken = default);

    /// <summary>Downloads the picture of an item; dispose the answer.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="id">Id of the item.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<DownloadedPicture> GetItemImageAsync(
        string collection, string id, CancellationToken cancellationToken = default);

    /// <summary>Deletes an item; one that does not exist counts 0.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="id">Id of the item.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<DeleteItemsResponse> DeleteItemAsync(
        string collection, string id, CancellationToken cancellationToken = default);

    /// <summary>Deletes items by id or by filter.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="request">Which items.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<DeleteItemsResponse> DeleteItemsAsync(
        string collection, DeleteItemsRequest request, CancellationToken cancellationToken = default);

    /// <summary>Searches by text, picture, item or vector.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="request">The query.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<SearchResponse> SearchAsync(
        string collection, SearchRequest request, CancellationToken cancellationToken = default);

    /// <summary>Runs several searches together; each succeeds or fails by itself.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="request">The queries.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<SearchBatchResponse> SearchBatchAsync(
        string collection, SearchBatchRequest request, CancellationToken cancellationToken = default);

    /// <summary>Finds items near some items and away from others.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="request">The examples.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<SearchResponse> RecommendAsync(
        string collection, RecommendRequest request, CancellationToken cancellationToken = default);

    /// <summary>Gets one page of the items that fit.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="request">Which items, and the cursor of the page before.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<ScrollResponse> ScrollAsync(
        string collection, ScrollRequest request, CancellationToken cancellationToken = default);

    /// <summary>Goes through all items that fit, page after page.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="request">Which items; its cursor is where to begin.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    IAsyncEnumerable<ItemResponse> ScrollAllAsync(
        string collection, ScrollRequest request, CancellationToken cancellationToken = default);

    /// <summary>Counts the items that fit.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="filter">Which items; <see langword="null"/> counts all.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<long> CountAsync(string collection, Filter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>Counts how often each value of some payload fields occurs.</summary>
    /// <param name="collection">Name of the collection.</param>
    /// <param name="request">The fields and which items.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<FacetsResponse> GetFacetsAsync(
        string collection, FacetsRequest request, CancellationToken cancellationToken = default);

    /// <summary>Embeds texts and pictures.</summary>
    /// <param name="request">The model and its inputs.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<EmbeddingsResponse> EmbedAsync(EmbeddingsRequest request, CancellationToken cancellationToken = default);

    /// <summary>Compares pictures with texts.</summary>
    /// <param name="request">The model and its inputs.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<SimilarityResponse> CompareAsync(SimilarityRequest request, CancellationToken cancellationToken = default);

    /// <summary>Classifies pictures among labels, without training.</summary>
    /// <param name="request">The model, pictures and labels.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<ClassifyResponse> ClassifyAsync(ClassifyRequest request, CancellationToken cancellationToken = default);

    /// <summary>Lists the models with their state.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<ModelList> ListModelsAsync(CancellationToken cancellationToken = default);

    /// <summary>Describes the cluster: silos, shards, queues.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<ClusterDescription> GetClusterAsync(CancellationToken cancellationToken = default);

    /// <summary>Asks whether the server is ready; one that is not answers <c>unhealthy</c>, which is no error.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<HealthResponse> GetHealthAsync(CancellationToken cancellationToken = default);
}
