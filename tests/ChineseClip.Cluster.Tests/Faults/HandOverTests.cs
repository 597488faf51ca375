using ChineseClip.Client;
using ChineseClip.Cluster.Tests.Processes;

namespace ChineseClip.Cluster.Tests.Faults;

/// <summary>A silo that joins gets its share of the shards, one that leaves gives its away first; whoever searches or writes does not notice.</summary>
[Trait("Category", "Chaos")]
public sealed class HandOverTests
{
    private const int Shards = 6;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SiloJoinsAndAnotherLeaves_EverySearchIsWhole_NoWriteFailsTwice()
    {
        using var data = new TemporaryDirectory();
        await using var redis = await RedisServer.StartAsync();
        await using var postgres = await FaultClusters.StartPostgresAsync();
        await using var silos = FaultClusters.Several(3, data, redis, postgres, "--Cluster:BalanceAfter", "00:00:01");
        await silos.StartAsync(0);
        await silos.StartAsync(1);
        await using var fleet = new ClientFleet(silos, ChaosSettings.Seed) { SearchTimeout = TimeSpan.FromSeconds(10) };
        await fleet.CreateAsync(Shards);
        fleet.Start(searchers: 4);
        await fleet.Model.MoreAsync(200);

        await silos.StartAsync(2);
        await Assertions.UntilAsync("Two shards on each of three silos", Bound, async () => (await SharesAsync(silos[0])) is [2, 2, 2]);
        await fleet.Model.MoreAsync(100);
        await silos.TerminateAsync(1);
        await Assertions.UntilAsync("Three shards on each of two silos", Bound, async () => (await SharesAsync(silos[0])) is [3, 3]);
        await fleet.Model.MoreAsync(100);
        await fleet.EndsWellAsync("a silo joined, another left");

        // A search that lacked a shard would have been refused.
        Assert.True(fleet.Answered == fleet.Searches, $"{fleet.Answered} of {fleet.Searches} searches were answered: {fleet.Codes}");
        Assert.True(fleet.MostAttempts <= 2, $"A write was sent {fleet.MostAttempts} times: {fleet.Codes}");
    }

    /// <summary>How many shards each silo has that has any, fewest first.</summary>
    private static async Task<int[]> SharesAsync(ServerProcess server)
    {
        try
        {
            var cluster = await server.Client.GetClusterAsync(Cancelled);
            return [.. cluster.Shards.GroupBy(shard => shard.Silo).Select(silo => silo.Count()).Order()];
        }
        catch (ChineseClipException)
        {
            return [];
        }
    }
}
