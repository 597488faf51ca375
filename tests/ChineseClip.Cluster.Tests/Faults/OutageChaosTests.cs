using ChineseClip.Client;
using ChineseClip.Cluster.Tests.Processes;
using ChineseClip.Contracts;
using ChineseClip.Testing;

namespace ChineseClip.Cluster.Tests.Faults;

/// <summary>Three silos on PostgreSQL and Redis, and what they depend on goes away, or one of them stands still.</summary>
[Trait("Category", "Chaos")]
public sealed class OutageChaosTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    private static TimeSpan OutageOfRedis => TimeSpan.FromSeconds(ChaosSettings.IsLong ? 60 : 4);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RedisDown_TrafficGoesOn_AndJoiningWorksAgainAfterwards() => await RunAsync(async (silos, fleet, redis, _) =>
    {
        await redis.KillAsync();
        var before = fleet.Model.AcknowledgedCount;
        await Task.Delay(OutageOfRedis, Cancelled);    // the outage itself
        var during = fleet.Model.AcknowledgedCount - before;
        var (found, code) = await fleet.TrySearchAsync(5000);
        Assert.True(during > 20 && found is not null, $"{during} writes were acknowledged without Redis; search: {code}.");

        await redis.StartAgainAsync();
        await silos.KillAsync(2);
        await silos.StartAsync(2);
        await ActiveAsync(silos[0], 3);
        await fleet.Model.MoreAsync(100);
        return $"redis down {OutageOfRedis.TotalSeconds:0} s, {during} writes acknowledged meanwhile";
    });

    [Fact]
    public async Task PostgresRestarted_WritesFailClearly_ReadsGoOn_WritesResume() => await RunAsync(async (_, fleet, _, postgres) =>
    {
        await fleet.StopAsync();
        await postgres.KillAsync();
        var write = await fleet.TryPutAsync("while-down", TimeSpan.FromSeconds(30));
        var (found, search) = await fleet.TrySearchAsync(5000);
        Assert.Equal(ErrorCodes.StorageUnavailable, write);
        Assert.True(found is not null, $"A search without PostgreSQL: {search}.");
        Assert.Equal((6, 6), (found.ShardsAsked, found.ShardsAnswered));

        fleet.Start();
        await postgres.StartAgainAsync();
        await fleet.Model.MoreAsync(100);
        return "postgres killed and started again";
    });

    [Fact]
    public async Task SiloSuspendedPastItsEvictionAndContinued_NeverTwoWriters_AndItRejoins() => await RunAsync(async (silos, fleet, _, _) =>
    {
        // In time the others count it out; what its clients asked of it meanwhile gets no answer, or a true one.
        silos[1].Suspend();
        await ActiveAsync(silos[0], 2);
        await fleet.Model.MoreAsync(100);
        silos[1].Resume();
        await fleet.Model.MoreAsync(100);
        await silos.KillAsync(1);
        await silos.StartAsync(1);
        await ActiveAsync(silos[0], 3);
        await fleet.Model.MoreAsync(100);
        return "silo suspended past its eviction and continued";
    });

    [Fact]
    public async Task RollingRestart_EverySiloStoppedWithSigterm_NothingIsLost() => await RunAsync(async (silos, fleet, _, _) =>
    {
        for (var index = 0; index < silos.Count; index++)
        {
            await silos.TerminateAsync(index);
            await silos.StartAsync(index);
            await fleet.Model.MoreAsync(50);
        }

        return "rolling restart";
    });

    private static async Task RunAsync(Func<SilosUnderTest, ClientFleet, RedisServer, PostgresServer, Task<string>> fault)
    {
        using var data = new TemporaryDirectory();
        await using var redis = await RedisServer.StartAsync();
        await using var postgres = await FaultClusters.StartPostgresAsync();
        await using var silos = FaultClusters.Several(3, data, redis, postgres);
        await silos.StartAllAsync();
        await using var fleet = new ClientFleet(silos, ChaosSettings.Seed);
        await fleet.CreateAsync(shards: 6);
        fleet.Start();
        await fleet.Model.MoreAsync(100);
        var what = await fault(silos, fleet, redis, postgres);
        await fleet.EndsWellAsync(what);
    }

    private static Task ActiveAsync(ServerProcess server, int count) => Assertions.UntilAsync(
        $"{count} active silos",
        Bound,
        async () =>
        {
            try
            {
                var cluster = await server.Client.GetClusterAsync(Cancelled);
                return cluster.Silos.Count(silo => string.Equals(silo.Status, "active", StringComparison.OrdinalIgnoreCase)) == count;
            }
            catch (ChineseClipException)
            {
                return false;
            }
        });
}
