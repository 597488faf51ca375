using System.Globalization;
using ChineseClip.Abstractions;
using ChineseClip.Contracts;
using ChineseClip.Server.Errors;
using ChineseClip.Server.Gateway;
using ChineseClip.Server.Mapping;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace ChineseClip.Server.Endpoints;

/// <summary><c>/v1/collections/{name}/items</c>: put, get, delete.</summary>
internal static class ItemEndpoints
{
    public const int IdSegment = 5;
    private const int MaxItems = 1024;
    private const string IdempotencyHeader = "Idempotency-Key";

    public static void MapItems(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/collections/{name}").WithTags("Items");
        group.MapPut("/items", PutAsync).WithOwnDeadline().Documented(
            "PutItems",
            "Embeds and stores items. What is not failed in the answer is durable; an id that exists is replaced.",
            403, 404, 413);
        group.MapGet("/items/{id}", GetAsync).Documented("GetItem", "Gets an item with its payload.", 404);
        group.MapDelete("/items/{id}", DeleteOneAsync)
            .Documented("DeleteItem", "Deletes an item; one that does not exist counts 0.", 404);
        group.MapPost("/items:delete", DeleteManyAsync)
            .Documented("DeleteItems", "Deletes items by their ids or by a filter.", 404);
    }

    private static async Task<Ok<PutItemsResponse>> PutAsync(
        string name,
        PutItemsRequest request,
        [FromHeader(Name = IdempotencyHeader)] string? operation,
        EndpointServices services,
        HttpContext context)
    {
        if (request.Items.Count > MaxItems)
        {
            throw RequestException.Invalid(string.Create(
                CultureInfo.InvariantCulture, $"The batch has {request.Items.Count} items; must have 1..{MaxItems}."));
        }

        using RequestDeadline deadline = RequestDeadline.Start(services.Options.WriteTimeout, context);
        var message = new PutItems
        {
            Collection = name,
            Items = [],
            OperationId = OperationId(operation),
            Timeout = deadline.Timeout,
        };
        PutItemResult[] results = await deadline.RunAsync(token => PartialBatch.RunAsync(
            request.Items,
            item => ItemMapping.ToMessageAsync(item, services.Pictures, token),
            items => StoreAsync(message with { Items = items }, request.Items.Count, services.Grains, token),
            (item, failure) => ItemMapping.Failed(item.Id, failure)));
        return TypedResults.Ok(new PutItemsResponse { Results = results });
    }

    /// <summary>When every item has failed already there is nothing to store, but the collection must still exist.</summary>
    private static async Task<PutItemResult[]> StoreAsync(
        PutItems items, int askedCount, IGrainFactory grains, CancellationToken cancellationToken)
    {
        if (items.Items.Length == 0 && askedCount > 0)
        {
            await grains.Collections().DescribeAsync(items.Collection, cancellationToken);
            return [];
        }

        ItemOutcome[] outcomes = await grains.Ingest().PutAsync(items, cancellationToken);
        return [.. outcomes.Select(ItemMapping.ToRecord)];
    }

    private static async Task<Ok<ItemResponse>> GetAsync(
        string name,
        string id,
        HttpContext context,
        IGrainFactory grains,
        CancellationToken cancellationToken,
        bool withVector = false)
    {
        id = RawPath.Segment(context, IdSegment, id);
        var query = new GetItems { Collection = name, Ids = [id], WithVector = withVector };
        return TypedResults.Ok(ItemMapping.ToRecord(await FindAsync(grains, query, cancellationToken)));
    }

    /// <summary>Gets the one item asked for.</summary>
    public static async Task<StoredItem> FindAsync(
        IGrainFactory grains, GetItems query, CancellationToken cancellationToken)
    {
        StoredItem[] items = await grains.Items().GetAsync(query, cancellationToken);
        return items.Length == 1
            ? items[0]
            : throw new RequestException(
                ErrorCode.NotFound, $"The collection '{query.Collection}' has no item '{query.Ids[0]}'.");
    }

    private static async Task<Ok<DeleteItemsResponse>> DeleteOneAsync(
        string name,
        string id,
        [FromHeader(Name = IdempotencyHeader)] string? operation,
        HttpContext context,
        IGrainFactory grains,
        CancellationToken cancellationToken)
    {
        id = RawPath.Segment(context, IdSegment, id);
        var items = new DeleteItems { Collection = name, Ids = [id], OperationId = OperationId(operation) };
        return Answer(await grains.Items().DeleteAsync(items, cancellationToken));
    }

    private static async Task<Ok<DeleteItemsResponse>> DeleteManyAsync(
        string name,
        DeleteItemsRequest request,
        [FromHeader(Name = IdempotencyHeader)] string? operation,
        IGrainFactory grains,
        CancellationToken cancellationToken) => (request.Ids, request.Filter) switch
        {
            ({ } ids, null) => Answer(await grains.Items().DeleteAsync(
                new DeleteItems { Collection = name, Ids = [.. ids], OperationId = OperationId(operation) },
                cancellationToken)),
            (null, { } filter) => Answer(await grains.Items().DeleteByFilterAsync(
                new DeleteByFilter { Collection = name, Filter = FilterMapping.ToClause(filter)! }, cancellationToken)),
            _ => throw RequestException.Invalid("The request has both or neither of ids and filter; must have one."),
        };

    private static Ok<DeleteItemsResponse> Answer(DeleteAnswer answer) =>
        TypedResults.Ok(new DeleteItemsResponse { Deleted = answer.DeletedCount });

    /// <summary>Without the header every request is an operation of its own.</summary>
    private static Guid OperationId(string? header) => header is null
        ? Guid.Empty
        : Guid.TryParse(header, out Guid id)
            ? id
            : throw RequestException.Invalid($"{IdempotencyHeader} is '{header}'; must be a UUID.");
}
