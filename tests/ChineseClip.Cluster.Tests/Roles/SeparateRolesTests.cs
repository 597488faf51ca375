using ChineseClip.Client;
using ChineseClip.Cluster.Tests.Processes;
using ChineseClip.Contracts;

namespace ChineseClip.Cluster.Tests.Roles;

/// <summary>The same program three times, each with one role, joined through Redis.</summary>
public sealed class SeparateRolesTests
{
    private const string Collection = "pictures";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ThreeSilosWithOneRoleEach_DoTheWholeJob()
    {
        await using var redis = await RedisServer.StartAsync();
        using var data = new TemporaryDirectory();
        await using var shards = await StartAsync(redis, data, "shards");
        await using var inference = await StartAsync(redis, data, "inference");
        await using var gateway = await StartAsync(redis, data, "gateway");

        await gateway.Client.CreateCollectionAsync(
            Collection, new CreateCollectionRequest { Model = "demo", Shards = 3 }, Cancelled);
        var put = await gateway.Client.PutItemsAsync(
            Collection, new PutItemsRequest { Items = DrawnPictures.Draw(0, 40) }, Cancelled);
        var found = await gateway.Client.SearchAsync(
            Collection, new SearchRequest { Image = ImageSources.FromBytes(DrawnPictures.File(11)), K = 3 }, Cancelled);
        var cluster = await gateway.Client.GetClusterAsync(Cancelled);

        Assert.All(put.Results, result => Assert.Equal("created", result.Status));
        Assert.Equal(DrawnPictures.Id(11), found.Hits[0].Id);
        Assert.Equal((3, 3), (found.ShardsAsked, found.ShardsAnswered));
        Assert.Equal(["gateway", "inference", "shards"], cluster.Silos.Select(silo => Assert.Single(silo.Roles)).Order());
    }

    private static Task<ServerProcess> StartAsync(RedisServer redis, TemporaryDirectory data, string role) =>
        ServerProcess.StartAsync(
            data.Combine(role),
            "--Cluster:Roles", role,
            "--Cluster:Membership", "redis",
            "--Cluster:SiloPort", "0",
            "--Cluster:GatewayPort", "0",
            "--ConnectionStrings:redis", redis.ConnectionString);
}
