using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using ChineseClip.Contracts;

namespace ChineseClip.Client;

/// <summary><see cref="IChineseClipClient"/> over HTTP.</summary>
/// <remarks>
/// Threads: safe. A transient failure is tried once more, after <c>Retry-After</c> or
/// <see cref="ChineseClipClientOptions.RetryDelay"/>; a timeout is not, for the caller's time is up by then.
/// Request bodies are written straight to the connection and pictures are read straight from it.
/// </remarks>
public sealed class HttpChineseClipClient : IChineseClipClient
{
    private static readonly ContractsJson Json = ContractsJson.Default;
    private readonly HttpTransport _transport;

    /// <summary>Makes a client.</summary>
    /// <param name="http">Connection pool; its <see cref="HttpClient.BaseAddress"/> is the server. The caller owns it.</param>
    /// <param name="options">How the client behaves.</param>
    /// <exception cref="ArgumentException"><paramref name="http"/> has no base address.</exception>
    public HttpChineseClipClient(HttpClient http, ChineseClipClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        if (http.BaseAddress is null)
        {
            throw new ArgumentException("BaseAddress is not set; must be the server's address.", nameof(http));
        }

        _transport = new HttpTransport(http, options ?? new());
    }

    /// <inheritdoc/>
    public Task<CollectionDescription> CreateCollectionAsync(
        string collection, CreateCollectionRequest request, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            new HttpCall(HttpMethod.Put, Collection(collection)) { IsIdempotent = false }
                .With(request, Json.CreateCollectionRequest),
            Json.CollectionDescription,
            cancellationToken);

    /// <inheritdoc/>
    public Task<CollectionList> ListCollectionsAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/collections", Json.CollectionList, cancellationToken);

    /// <inheritdoc/>
    public Task<CollectionDescription> GetCollectionAsync(
        string collection, CancellationToken cancellationToken = default) =>
        GetAsync(Collection(collection), Json.CollectionDescription, cancellationToken);

    /// <inheritdoc/>
    public async Task DeleteCollectionAsync(string collection, CancellationToken cancellationToken = default)
    {
        var call = new HttpCall(HttpMethod.Delete, Collection(collection)) { IsIdempotent = false };
        using HttpResponseMessage response = await _transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<AliasDescription> SetAliasAsync(
        string alias, string collection, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            new HttpCall(HttpMethod.Put, Alias(alias)).With(new SetAliasRequest { Collection = collection }, Json.SetAliasRequest),
            Json.AliasDescription,
            cancellationToken);

    /// <inheritdoc/>
    public Task<AliasList> ListAliasesAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/aliases", Json.AliasList, cancellationToken);

    /// <inheritdoc/>
    public async Task DeleteAliasAsync(string alias, CancellationToken cancellationToken = default)
    {
        var call = new HttpCall(HttpMethod.Delete, Alias(alias)) { IsIdempotent = false };
        using HttpResponseMessage response = await _transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<SnapshotDescription> CreateSnapshotAsync(string collection, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            new HttpCall(HttpMethod.Post, Collection(collection) + "/snapshots") { IsIdempotent = false },
            Json.SnapshotDescription,
            cancellationToken);

    /// <inheritdoc/>
    public Task<SnapshotList> ListSnapshotsAsync(string collection, CancellationToken cancellationToken = default) =>
        GetAsync(Collection(collection) + "/snapshots", Json.SnapshotList, cancellationToken);

    /// <inheritdoc/>
    public async Task DeleteSnapshotAsync(string collection, string id, CancellationToken cancellationToken = default)
    {
        var call = new HttpCall(HttpMethod.Delete, Snapshot(collection, id)) { IsIdempotent = false };
        using HttpResponseMessage response = await _transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<CollectionDescription> RestoreSnapshotAsync(
        string collection, string id, string? newName = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            new HttpCall(HttpMethod.Post, Snapshot(collection, id) + ":restore") { IsIdempotent = false }
                .With(new RestoreSnapshotRequest { As = newName }, Json.RestoreSnapshotRequest),
            Json.CollectionDescription,
            cancellationToken);

    /// <inheritdoc/>
    public Task<ExportSnapshotResponse> ExportSnapshotAsync(
        string collection, string id, string? folder = null, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            new HttpCall(HttpMethod.Post, Snapshot(collection, id) + ":export") { IsIdempotent = false }
                .With(new ExportSnapshotRequest { To = folder }, Json.ExportSnapshotRequest),
            Json.ExportSnapshotResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<CollectionDescription> ImportSnapshotAsync(
        string newName, string folder, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            new HttpCall(HttpMethod.Post, Collection(newName) + "/snapshots:import") { IsIdempotent = false }
                .With(new ImportSnapshotRequest { From = folder }, Json.ImportSnapshotRequest),
            Json.CollectionDescription,
            cancellationToken);

    /// <inheritdoc/>
    public Task<PutItemsResponse> PutItemsAsync(
        string collection, PutItemsRequest request, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            new HttpCall(HttpMethod.Put, Collection(collection) + "/items") { OperationId = Guid.NewGuid() }
                .With(request, Json.PutItemsRequest),
            Json.PutItemsResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<ItemResponse> GetItemAsync(
        string collection, string id, CancellationToken cancellationToken = default) =>
        GetAsync(Item(collection, id), Json.ItemResponse, cancellationToken);

    /// <inheritdoc/>
    public async Task<DownloadedPicture> GetItemImageAsync(
        string collection, string id, CancellationToken cancellationToken = default)
    {
        var call = new HttpCall(HttpMethod.Get, Item(collection, id) + "/image");
        HttpResponseMessage response = await _transport.SendAsync(call, cancellationToken).ConfigureAwait(false);
        Stream content = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        return new DownloadedPicture(response, content);
    }

    /// <inheritdoc/>
    public Task<DeleteItemsResponse> DeleteItemAsync(
        string collection, string id, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            new HttpCall(HttpMethod.Delete, Item(collection, id)) { OperationId = Guid.NewGuid() },
            Json.DeleteItemsResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<DeleteItemsResponse> DeleteItemsAsync(
        string collection, DeleteItemsRequest request, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            new HttpCall(HttpMethod.Post, Collection(collection) + "/items:delete") { OperationId = Guid.NewGuid() }
                .With(request, Json.DeleteItemsRequest),
            Json.DeleteItemsResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<SearchResponse> SearchAsync(
        string collection, SearchRequest request, CancellationToken cancellationToken = default) =>
        PostAsync(Collection(collection) + "/search", request, Json.SearchRequest, Json.SearchResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<SearchBatchResponse> SearchBatchAsync(
        string collection, SearchBatchRequest request, CancellationToken cancellationToken = default) =>
        PostAsync(Collection(collection) + "/search:batch", request, Json.SearchBatchRequest, Json.SearchBatchResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<SearchResponse> RecommendAsync(
        string collection, RecommendRequest request, CancellationToken cancellationToken = default) =>
        PostAsync(Collection(collection) + "/recommend", request, Json.RecommendRequest, Json.SearchResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<ScrollResponse> ScrollAsync(
        string collection, ScrollRequest request, CancellationToken cancellationToken = default) =>
        PostAsync(Collection(collection) + "/scroll", request, Json.ScrollRequest, Json.ScrollResponse,
            cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<ItemResponse> ScrollAllAsync(
        string collection,
        ScrollRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        string? cursor = request.Cursor;
        do
        {
            ScrollResponse page = await ScrollAsync(collection, request with { Cursor = cursor }, cancellationToken)
                .ConfigureAwait(false);
            foreach (ItemResponse item in page.Items)
            {
                yield return item;
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);
    }

    /// <inheritdoc/>
    public async Task<long> CountAsync(
        string collection, Filter? filter = null, CancellationToken cancellationToken = default)
    {
        CountResponse response = await PostAsync(Collection(collection) + "/count", new CountRequest { Filter = filter },
            Json.CountRequest, Json.CountResponse, cancellationToken).ConfigureAwait(false);
        return response.Count;
    }

    /// <inheritdoc/>
    public Task<FacetsResponse> GetFacetsAsync(
        string collection, FacetsRequest request, CancellationToken cancellationToken = default) =>
        PostAsync(Collection(collection) + "/facets", request, Json.FacetsRequest, Json.FacetsResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<EmbeddingsResponse> EmbedAsync(
        EmbeddingsRequest request, CancellationToken cancellationToken = default) =>
        PostAsync("v1/embeddings", request, Json.EmbeddingsRequest, Json.EmbeddingsResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<SimilarityResponse> CompareAsync(
        SimilarityRequest request, CancellationToken cancellationToken = default) =>
        PostAsync("v1/similarity", request, Json.SimilarityRequest, Json.SimilarityResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<ClassifyResponse> ClassifyAsync(
        ClassifyRequest request, CancellationToken cancellationToken = default) =>
        PostAsync("v1/classify", request, Json.ClassifyRequest, Json.ClassifyResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<ModelList> ListModelsAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/models", Json.ModelList, cancellationToken);

    /// <inheritdoc/>
    public Task<ClusterDescription> GetClusterAsync(CancellationToken cancellationToken = default) =>
        GetAsync("v1/cluster", Json.ClusterDescription, cancellationToken);

    /// <inheritdoc/>
    public Task<HealthResponse> GetHealthAsync(CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            new HttpCall(HttpMethod.Get, "health") { AcceptsUnavailable = true },
            Json.HealthResponse,
            cancellationToken);

    private static string Snapshot(string collection, string id) =>
        Collection(collection) + "/snapshots/" + Uri.EscapeDataString(id);

    private static string Alias(string alias) => "v1/aliases/" + Uri.EscapeDataString(alias);

    private static string Collection(string collection)
    {
        ArgumentException.ThrowIfNullOrEmpty(collection);
        return "v1/collections/" + Uri.EscapeDataString(collection);
    }

    private static string Item(string collection, string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return Collection(collection) + "/items/" + Uri.EscapeDataString(id);
    }

    private Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        _transport.SendAsync(new HttpCall(HttpMethod.Get, path), type, cancellationToken);

    private Task<TResponse> PostAsync<TRequest, TResponse>(
        string path,
        TRequest request,
        JsonTypeInfo<TRequest> requestType,
        JsonTypeInfo<TResponse> responseType,
        CancellationToken cancellationToken) =>
        _transport.SendAsync(new HttpCall(HttpMethod.Post, path).With(request, requestType), responseType,
            cancellationToken);
}
