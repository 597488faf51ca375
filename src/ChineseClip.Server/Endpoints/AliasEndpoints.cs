using ChineseClip.Abstractions;
using ChineseClip.Contracts;
using Microsoft.AspNetCore.Http.HttpResults;
using Described = ChineseClip.Contracts.AliasDescription;

namespace ChineseClip.Server.Endpoints;

/// <summary><c>/v1/aliases</c>: other names of collections.</summary>
internal static class AliasEndpoints
{
    public static void MapAliases(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/aliases").WithTags("Aliases");
        group.MapPut("/{alias}", SetAsync)
            .Documented("SetAlias", "Makes an alias stand for a collection, at once and for all gateways.", 404, 409);
        group.MapGet("", ListAsync).Documented("ListAliases", "Lists the aliases.");
        group.MapDelete("/{alias}", DeleteAsync).Documented("DeleteAlias", "Deletes an alias; the collection stays.", 404);
    }

    private static async Task<Ok<Described>> SetAsync(
        string alias, SetAliasRequest request, IGrainFactory grains, CancellationToken cancellationToken)
    {
        Abstractions.AliasDescription message = new() { Alias = alias, Collection = request.Collection };
        await grains.Collections().SetAliasAsync(message, cancellationToken);
        return TypedResults.Ok(ToRecord(message));
    }

    private static async Task<Ok<AliasList>> ListAsync(IGrainFactory grains, CancellationToken cancellationToken)
    {
        Abstractions.AliasDescription[] aliases = await grains.Collections().ListAliasesAsync(cancellationToken);
        return TypedResults.Ok(new AliasList { Aliases = [.. aliases.Select(ToRecord)] });
    }

    private static async Task<NoContent> DeleteAsync(string alias, IGrainFactory grains, CancellationToken cancellationToken)
    {
        await grains.Collections().DeleteAliasAsync(alias, cancellationToken);
        return TypedResults.NoContent();
    }

    private static Described ToRecord(Abstractions.AliasDescription alias) =>
        new() { Alias = alias.Alias, Collection = alias.Collection };
}
