using ChineseClip.Abstractions;
using ChineseClip.Contracts;
using ChineseClip.Server.Mapping;
using Microsoft.AspNetCore.Http.HttpResults;
using Described = ChineseClip.Contracts.CollectionDescription;

namespace ChineseClip.Server.Endpoints;

/// <summary><c>/v1/collections</c>: create, list, describe, delete.</summary>
internal static class CollectionEndpoints
{
    public static void MapCollections(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/collections").WithTags("Collections");
        group.MapPut("/{name}", CreateAsync)
            .Documented("CreateCollection", "Creates a collection for one model, with a fixed number of shards.", 404, 409);
        group.MapGet("", ListAsync).Documented("ListCollections", "Lists the collections with their state.");
        group.MapGet("/{name}", DescribeAsync)
            .Documented("GetCollection", "Describes a collection with the state of its shards.", 404);
        group.MapDelete("/{name}", DeleteAsync)
            .Documented("DeleteCollection", "Deletes a collection with all its items.", 404);
    }

    private static async Task<Created<Described>> CreateAsync(
        string name, CreateCollectionRequest request, IGrainFactory grains, CancellationToken cancellationToken)
    {
        await grains.Collections().CreateAsync(CollectionMapping.ToMessage(name, request), cancellationToken);
        Described created = CollectionMapping.ToRecord(
            await grains.Collections().DescribeAsync(name, cancellationToken));
        return TypedResults.Created("/v1/collections/" + Uri.EscapeDataString(name), created);
    }

    private static async Task<Ok<CollectionList>> ListAsync(IGrainFactory grains, CancellationToken cancellationToken)
    {
        CollectionDefinition[] definitions = await grains.Collections().ListAsync(cancellationToken);
        Abstractions.CollectionDescription[] descriptions = await Task.WhenAll(
            definitions.Select(definition => grains.Collections().DescribeAsync(definition.Name, cancellationToken)));
        return TypedResults.Ok(new CollectionList { Collections = [.. descriptions.Select(CollectionMapping.ToRecord)] });
    }

    private static async Task<Ok<Described>> DescribeAsync(
        string name, IGrainFactory grains, CancellationToken cancellationToken) =>
        TypedResults.Ok(CollectionMapping.ToRecord(await grains.Collections().DescribeAsync(name, cancellationToken)));

    private static async Task<NoContent> DeleteAsync(
        string name, IGrainFactory grains, CancellationToken cancellationToken)
    {
        await grains.Collections().DeleteAsync(name, cancellationToken);
        return TypedResults.NoContent();
    }
}
