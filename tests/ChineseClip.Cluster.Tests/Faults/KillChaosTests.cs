using ChineseClip.Cluster.Tests.Processes;

namespace ChineseClip.Cluster.Tests.Faults;

/// <summary>kill -9 under load: nothing acknowledged is lost, nothing is doubled, nothing deleted is back.</summary>
[Trait("Category", "Chaos")]
public sealed class KillChaosTests
{
    private const int LongKills = 200;

    private static TimeSpan HalfOfTheTime => TimeSpan.FromMinutes(ChaosSettings.Minutes / 2);

    [Fact]
    public async Task OneProcessWithFiles_KilledAgainAndAgain_KeepsWhatWasAcknowledged()
    {
        using var data = new TemporaryDirectory();
        await using var silos = FaultClusters.Files(data);
        await silos.StartAllAsync();
        await using var fleet = new ClientFleet(silos, ChaosSettings.Seed);
        await fleet.CreateAsync(shards: 4);

        await new KillRun(silos, fleet, ChaosSettings.Seed).RunAsync("files", ChaosSettings.IsLong ? LongKills : 3, HalfOfTheTime);
    }

    [Fact]
    public async Task ThreeSilosWithPostgresAndRedis_KilledAgainAndAgain_KeepWhatWasAcknowledged()
    {
        using var data = new TemporaryDirectory();
        await using var redis = await RedisServer.StartAsync();
        await using var postgres = await FaultClusters.StartPostgresAsync();
        await using var silos = FaultClusters.Several(3, data, redis, postgres);
        await silos.StartAllAsync();
        await using var fleet = new ClientFleet(silos, ChaosSettings.Seed);
        await fleet.CreateAsync(shards: 6);

        await new KillRun(silos, fleet, ChaosSettings.Seed).RunAsync("postgres+redis", ChaosSettings.IsLong ? LongKills : 3, HalfOfTheTime);
    }
}
