using ChineseClip.Abstractions;
using ChineseClip.Server.Mapping;
using Microsoft.AspNetCore.Http.HttpResults;
using Described = ChineseClip.Contracts.ClusterDescription;

namespace ChineseClip.Server.Endpoints;

/// <summary><c>/v1/cluster</c>: silos, roles, shards, queues.</summary>
internal static class ClusterEndpoints
{
    public static void MapCluster(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/cluster", DescribeAsync)
            .WithTags("Cluster")
            .Documented("GetCluster", "Describes the cluster: silos, roles, shards, encoders and queue depths.");

    private static async Task<Ok<Described>> DescribeAsync(IGrainFactory grains, CancellationToken cancellationToken) =>
        TypedResults.Ok(ClusterMapping.ToRecord(
            await grains.Cluster().DescribeAsync(cancellationToken), ServerHost.Version));
}
