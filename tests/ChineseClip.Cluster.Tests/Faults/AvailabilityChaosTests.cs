using ChineseClip.Cluster.Tests.Processes;

namespace ChineseClip.Cluster.Tests.Faults;

/// <summary>What searches see when a silo with primaries is killed: the gateway they ask is another silo.</summary>
[Trait("Category", "Chaos")]
public sealed class AvailabilityChaosTests
{
    private const int TimeoutMilliseconds = 2000;
    private const int Shards = 6;

    private static int Kills => ChaosSettings.IsLong ? 10 : 1;

    [Fact]
    public async Task KillOfAPrimary_WithTwoReplicas_SearchesAreAnsweredWithinTheirTimeout()
    {
        var probes = await RunAsync(replicas: 2, allowPartial: false);

        var answered = probes.Count(probe => probe.Answer is not null && probe.Took <= TimeSpan.FromMilliseconds(TimeoutMilliseconds + 100));
        var share = (double)answered / probes.Count;
        var slowest = probes.Where(probe => probe.Answer is not null).Max(probe => probe.Took);
        ChaosSettings.Print(
            $"replicas 2, {Kills} kills of silos with primaries: {answered} of {probes.Count} searches answered within {TimeoutMilliseconds} ms "
            + $"({share:P3}), slowest {slowest.TotalMilliseconds:0} ms; {Codes(probes)}");
        Assert.All(probes.Where(probe => probe.Answer is not null), probe => Assert.True(probe.IsWhole));
        Assert.InRange(share, ChaosSettings.IsLong ? 0.999 : 0.95, 1);
    }

    [Fact]
    public async Task KillOfAPrimary_WithOneReplica_EveryAnswerSaysWhatItLacks()
    {
        var probes = await RunAsync(replicas: 1, allowPartial: true);

        var lacking = probes.Where(probe => !probe.IsWhole).ToArray();
        var gaps = Gaps(lacking);
        ChaosSettings.Print(
            $"replicas 1, {Kills} kills: {lacking.Length} of {probes.Count} searches without all shards, "
            + $"{lacking.Count(probe => probe.Answer is null)} without an answer, longest gap {gaps.DefaultIfEmpty().Max():0.00} s; {Codes(probes)}");
        Assert.All(probes.Where(probe => probe.Answer is not null), probe => Assert.Equal(Shards, probe.Answer!.ShardsAsked));
        if (ChaosSettings.IsLong)
        {
            Assert.InRange(gaps.DefaultIfEmpty().Max(), 0, 5);
        }
    }

    private static string Codes(IReadOnlyList<AvailabilityMeter.Probe> probes) => string.Join(
        ' ', probes.Where(probe => probe.Code is not null).GroupBy(probe => probe.Code).Select(group => $"{group.Key}:{group.Count()}"));

    private static async Task<IReadOnlyList<AvailabilityMeter.Probe>> RunAsync(int replicas, bool allowPartial)
    {
        using var data = new TemporaryDirectory();
        await using var redis = await RedisServer.StartAsync();
        await using var postgres = await FaultClusters.StartPostgresAsync();
        await using var silos = FaultClusters.Several(3, data, redis, postgres);
        await silos.StartAllAsync();
        var gateway = silos[0].Address;
        await using var fleet = new ClientFleet(_ => gateway, ChaosSettings.Seed);
        await fleet.CreateAsync(Shards, replicas);
        for (var item = 0; item < 200; item++)
        {
            Assert.Null(await fleet.TryPutAsync($"item-{item}", TimeSpan.FromSeconds(30)));
        }

        await HoldsAsync(silos[0], replicas);
        await using var meter = new AvailabilityMeter(fleet, TimeoutMilliseconds, allowPartial);
        meter.Start();
        for (var kill = 0; kill < Kills; kill++)
        {
            await Task.Delay(2000, TestContext.Current.CancellationToken);    // searches before the kill
            var victim = 1 + (kill % 2);
            await silos.KillAsync(victim);
            await Task.Delay(8000, TestContext.Current.CancellationToken);    // and all through the failover
            await silos.StartAsync(victim);
            await HoldsAsync(silos[0], replicas);
        }

        await meter.StopAsync();
        return meter.Probes;
    }

    /// <summary>Waits until all shards and their readers are ready.</summary>
    private static Task HoldsAsync(ServerProcess server, int replicas) => Assertions.UntilAsync(
        $"{Shards} shards with {replicas} replicas",
        TimeSpan.FromMinutes(2),
        async () =>
        {
            var collection = await server.Client.GetCollectionAsync(ClientFleet.Collection, TestContext.Current.CancellationToken);
            return collection.Shards.Count == Shards
                && collection.Shards.All(shard => IsReady(shard.Status)
                    && (replicas == 1 || (shard.Replicas?.Count(replica => IsReady(replica.Status)) ?? 0) >= replicas - 1));
        });

    private static bool IsReady(string status) => string.Equals(status, "ready", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<double> Gaps(IReadOnlyList<AvailabilityMeter.Probe> lacking)
    {
        // Probes that lack something and follow each other within a second are of one gap.
        var start = 0;
        for (var i = 1; i <= lacking.Count; i++)
        {
            if (i == lacking.Count || lacking[i].At - lacking[i - 1].At > TimeSpan.FromSeconds(1))
            {
                yield return (lacking[i - 1].At - lacking[start].At).TotalSeconds;
                start = i;
            }
        }
    }
}
