using System.Globalization;
using ChineseClip.Abstractions;
using ChineseClip.Contracts;
using ChineseClip.Server.Errors;
using ChineseClip.Server.Gateway;
using ChineseClip.Server.Mapping;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Endpoints;

/// <summary>Searching and looking through a collection.</summary>
internal static class SearchEndpoints
{
    private const int MaxSearches = 256;
    private const int MaxFields = 32;

    public static void MapSearch(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/collections/{name}").WithTags("Search");
        group.MapPost("/search", SearchAsync).WithOwnDeadline()
            .Documented("Search", "Finds the items nearest to a text, a picture, an item or a vector.", 403, 404, 413);
        group.MapPost("/search:batch", SearchBatchAsync).WithOwnDeadline()
            .Documented("SearchBatch", "Runs several searches at once; each succeeds or fails by itself.", 403, 404, 413);
        group.MapPost("/recommend", RecommendAsync).WithOwnDeadline()
            .Documented("Recommend", "Finds items near some items and away from others.", 404);
        group.MapPost("/scroll", ScrollAsync)
            .Documented("Scroll", "Gives the items that fit, page by page, in an order that stays the same.", 404);
        group.MapPost("/count", CountAsync).Documented("Count", "Counts the items that fit.", 404);
        group.MapPost("/facets", FacetsAsync)
            .Documented("Facets", "Counts how often each value of some payload fields occurs.", 404);
    }

    private static async Task<Ok<SearchResponse>> SearchAsync(
        string name, SearchRequest request, EndpointServices services, HttpContext context)
    {
        using RequestDeadline deadline = RequestDeadline.Start(request.TimeoutMilliseconds, services.Options, context);
        SearchAnswer answer = await deadline.RunAsync(async token => await services.Grains.Search().SearchAsync(
            await SearchMapping.ToMessageAsync(name, request, deadline.Timeout, services.Pictures, token), token));
        return TypedResults.Ok(SearchMapping.ToRecord(answer));
    }

    private static async Task<Ok<SearchBatchResponse>> SearchBatchAsync(
        string name, SearchBatchRequest request, EndpointServices services, HttpContext context)
    {
        if (request.Searches.Count is 0 or > MaxSearches)
        {
            throw RequestException.Invalid(string.Create(
                CultureInfo.InvariantCulture,
                $"The batch has {request.Searches.Count} searches; must have 1..{MaxSearches}."));
        }

        int? longest = request.Searches.Max(search => search.TimeoutMilliseconds);
        using RequestDeadline deadline = RequestDeadline.Start(longest, services.Options, context);
        SearchBatchResult[] results = await deadline.RunAsync(token => PartialBatch.RunAsync(
            request.Searches,
            search => SearchMapping.ToMessageAsync(
                name, search, TimeoutOf(search, deadline), services.Pictures, token),
            queries => RunAsync(queries, services.Grains, token),
            (_, failure) => new SearchBatchResult { Error = ProblemMapping.ToElementError(failure) }));
        return TypedResults.Ok(new SearchBatchResponse { Results = results });
    }

    private static TimeSpan TimeoutOf(SearchRequest search, RequestDeadline deadline) =>
        search.TimeoutMilliseconds is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : deadline.Timeout;

    private static async Task<SearchBatchResult[]> RunAsync(
        SearchQuery[] queries, IGrainFactory grains, CancellationToken cancellationToken)
    {
        if (queries.Length == 0)
        {
            return [];
        }

        SearchOutcome[] outcomes = await grains.Search()
            .SearchBatchAsync(new SearchBatch { Queries = queries }, cancellationToken);
        return [.. outcomes.Select(SearchMapping.ToRecord)];
    }

    private static async Task<Ok<SearchResponse>> RecommendAsync(
        string name,
        RecommendRequest request,
        IGrainFactory grains,
        IOptions<GatewayOptions> options,
        HttpContext context)
    {
        using RequestDeadline deadline = RequestDeadline.Start(request.TimeoutMilliseconds, options.Value, context);
        RecommendQuery query = SearchMapping.ToMessage(name, request, deadline.Timeout);
        SearchAnswer answer = await deadline.RunAsync(token => grains.Search().RecommendAsync(query, token));
        return TypedResults.Ok(SearchMapping.ToRecord(answer));
    }

    private static async Task<Ok<ScrollResponse>> ScrollAsync(
        string name, ScrollRequest request, IGrainFactory grains, CancellationToken cancellationToken)
    {
        var query = new ScrollQuery { Collection = name, Cursor = request.Cursor };
        ScrollPage page = await grains.Items().ScrollAsync(
            query with
            {
                Limit = request.Limit ?? query.Limit,
                Filter = FilterMapping.ToClause(request.Filter),
                WithPayload = request.WithPayload ?? query.WithPayload,
                WithVector = request.WithVector ?? query.WithVector,
            },
            cancellationToken);
        return TypedResults.Ok(new ScrollResponse
        {
            Items = [.. page.Items.Select(ItemMapping.ToRecord)],
            NextCursor = page.NextCursor,
        });
    }

    private static async Task<Ok<CountResponse>> CountAsync(
        string name, CountRequest request, IGrainFactory grains, CancellationToken cancellationToken)
    {
        var query = new CountQuery { Collection = name, Filter = FilterMapping.ToClause(request.Filter) };
        return TypedResults.Ok(new CountResponse { Count = await grains.Items().CountAsync(query, cancellationToken) });
    }

    private static async Task<Ok<FacetsResponse>> FacetsAsync(
        string name, FacetsRequest request, IGrainFactory grains, CancellationToken cancellationToken)
    {
        if (request.Fields.Count is 0 or > MaxFields)
        {
            throw RequestException.Invalid(string.Create(
                CultureInfo.InvariantCulture, $"There are {request.Fields.Count} fields; must be 1..{MaxFields}."));
        }

        FilterClause? filter = FilterMapping.ToClause(request.Filter);
        Facet[] facets = await Task.WhenAll(request.Fields.Select(async field =>
        {
            var query = new FacetQuery { Collection = name, Field = field, Filter = filter };
            query = query with { Limit = request.Limit ?? query.Limit };
            return FacetMapping.ToRecord(field, await grains.Items().FacetsAsync(query, cancellationToken));
        }));
        return TypedResults.Ok(new FacetsResponse { Facets = facets });
    }
}
