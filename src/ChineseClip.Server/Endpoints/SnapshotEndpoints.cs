using ChineseClip.Abstractions;
using ChineseClip.Contracts;
using ChineseClip.Server.Gateway;
using ChineseClip.Server.Mapping;
using Microsoft.AspNetCore.Http.HttpResults;
using Described = ChineseClip.Contracts.SnapshotDescription;

namespace ChineseClip.Server.Endpoints;

/// <summary><c>/v1/collections/{name}/snapshots</c>: create, list, restore, delete, export, import.</summary>
internal static class SnapshotEndpoints
{
    public static void MapSnapshots(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/collections/{name}").WithTags("Snapshots");
        group.MapPost("/snapshots", CreateAsync).WithOwnDeadline()
            .Documented("CreateSnapshot", "Takes a snapshot of every shard, while the collection is read and written.", 404);
        group.MapGet("/snapshots", ListAsync).Documented("ListSnapshots", "Lists the snapshots of a collection, newest first.", 404);
        group.MapDelete("/snapshots/{id}", DeleteAsync).Documented("DeleteSnapshot", "Deletes a snapshot.", 404);
        group.MapPost("/snapshots/{id}:restore", RestoreAsync).WithOwnDeadline()
            .Documented("RestoreSnapshot", "Restores a snapshot as a new collection, or in place of the present content.", 404, 409);
        group.MapPost("/snapshots/{id}:export", ExportAsync).WithOwnDeadline()
            .Documented("ExportSnapshot", "Copies a snapshot to a folder that another cluster can import.", 403, 404, 409);
        group.MapPost("/snapshots:import", ImportAsync).WithOwnDeadline()
            .Documented("ImportSnapshot", "Makes a new collection of an exported snapshot.", 403, 404, 409);
    }

    private static async Task<Created<Described>> CreateAsync(string name, IGrainFactory grains, CancellationToken cancellationToken)
    {
        CollectionSnapshot taken = await grains.Snapshots().CreateAsync(name, cancellationToken);
        return TypedResults.Created(
            $"/v1/collections/{Uri.EscapeDataString(taken.Definition.Name)}/snapshots/{taken.Id}", SnapshotMapping.ToRecord(taken));
    }

    private static async Task<Ok<SnapshotList>> ListAsync(string name, IGrainFactory grains, CancellationToken cancellationToken)
    {
        CollectionSnapshot[] snapshots = await grains.Snapshots().ListAsync(name, cancellationToken);
        return TypedResults.Ok(new SnapshotList { Snapshots = [.. snapshots.Select(SnapshotMapping.ToRecord)] });
    }

    private static async Task<NoContent> DeleteAsync(
        string name, string id, IGrainFactory grains, CancellationToken cancellationToken)
    {
        await grains.Snapshots().DeleteAsync(name, id, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<Contracts.CollectionDescription>> RestoreAsync(
        string name, string id, RestoreSnapshotRequest? request, IGrainFactory grains, CancellationToken cancellationToken) =>
        await DescribeAsync(await grains.Snapshots().RestoreAsync(name, id, request?.As, cancellationToken), grains, cancellationToken);

    private static async Task<Ok<ExportSnapshotResponse>> ExportAsync(
        string name, string id, ExportSnapshotRequest? request, IGrainFactory grains, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ExportSnapshotResponse
        {
            Directory = await grains.Snapshots().ExportAsync(name, id, request?.To ?? id, cancellationToken),
        });

    private static async Task<Ok<Contracts.CollectionDescription>> ImportAsync(
        string name, ImportSnapshotRequest request, IGrainFactory grains, CancellationToken cancellationToken) =>
        await DescribeAsync(await grains.Snapshots().ImportAsync(request.From, name, cancellationToken), grains, cancellationToken);

    private static async Task<Ok<Contracts.CollectionDescription>> DescribeAsync(
        CollectionDefinition definition, IGrainFactory grains, CancellationToken cancellationToken) =>
        TypedResults.Ok(CollectionMapping.ToRecord(await grains.Collections().DescribeAsync(definition.Name, cancellationToken)));
}
