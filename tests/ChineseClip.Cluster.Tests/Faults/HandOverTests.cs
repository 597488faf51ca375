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

        // What waits for a shard that moves is no sign of overload here: on a slow machine it waits longer than the default target.
        await using var silos = FaultClusters.Several(
            3, data, redis, postgres, "--Cluster:BalanceAfter", "00:00:01", "--Gateway:TargetLatency", "00:00:10");
        await silos.StartAsync(0);
        await silos.StartAsync(1);
        await using var fleet = new ClientFleet(silos, ChaosSettings.Seed);
        await fleet.CreateAsync(Shards);
        fleet.Start(searchers: 1);
        await fleet.Model.MoreAsync(200);
        var gateway = silos[0].Address;
        await using var searching = new ClientFleet(_ => gateway, ChaosSettings.Seed, writers: 0);
        await using var meter = new AvailabilityMeter(searching, timeoutMilliseconds: 10_000, allowPartial: false);
        meter.Start();

        await silos.StartAsync(2);
        await Assertions.UntilAsync("Two shards on each of three silos", Bound, async () => (await SharesAsync(silos[0])) is [2, 2, 2]);
        await fleet.Model.MoreAsync(100);
        await silos.TerminateAsync(1);
        await Assertions.UntilAsync("Three shards on each of two silos", Bound, async () => (await SharesAsync(silos[0])) is [3, 3]);
        await fleet.Model.MoreAsync(100);
        await meter.StopAsync();

        ChaosSettings.Print(
            $"a silo joined, another left: {meter.Probes.Count} searches, slowest {meter.Probes.Max(probe => probe.Took).TotalMilliseconds:0} ms; "
            + $"a write was sent {fleet.MostAttempts} times at most");
        Assert.All(meter.Probes, probe => Assert.True(probe.IsWhole, $"A search was answered {probe.Code}, {probe.Answer?.ShardsAnswered} shards."));
        Assert.InRange(fleet.MostAttempts, 1, 2);
        await fleet.EndsWellAsync("a silo joined, another left");
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
