using System.Diagnostics;
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

    private static readonly TimeSpan OutageOfRedis = TimeSpan.FromSeconds(60);

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
    }, isQuick: true);

    [Fact]
    public async Task SiloSuspendedPastItsEvictionAndContinued_NeverTwoWriters_AndItRejoins() => await RunAsync(async (silos, fleet, _, _) =>
    {
        // In time the others count it out; what its clients asked of it meanwhile gets no answer, or a true one.
        var members = await MembersAsync(silos[0]);
        silos[1].Suspend();
        await ActiveAsync(silos[0], 2);
        await fleet.Model.MoreAsync(100);
        silos[1].Resume();
        var rejoined = Stopwatch.StartNew();
        await RejoinedAsync(silos[0], members);
        var seconds = rejoined.Elapsed.TotalSeconds;

        // The same process, at the same address, whole again: it answers, and it hands over what it has when it is told to stop.
        var found = await silos[1].Client.SearchAsync(
            ClientFleet.Collection, new SearchRequest { Vector = [.. Enumerable.Repeat(1f, ClientFleet.Dimension)], K = 5 }, Cancelled);
        Assert.Equal((6, 6), (found.ShardsAsked, found.ShardsAnswered));
        await fleet.Model.MoreAsync(100);
        await silos.TerminateAsync(1);
        await fleet.Model.MoreAsync(100);
        return $"silo suspended past its eviction and continued, a member with shards again by itself after {seconds:0.0} s";
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

    [Fact]
    public async Task SiloCutOffInItsOwnNetwork_AcknowledgesNothing_AndRejoins()
    {
        ChaosSettings.RequireLong();
        using var cell = NetworkCell.Create();
        using var data = new TemporaryDirectory();
        await using var redis = await RedisServer.StartAsync();
        await using var postgres = await FaultClusters.StartPostgresAsync();
        cell.Forward(redis.Port);
        cell.Forward(postgres.Port);
        string[] outside =
            [.. FaultClusters.Arguments(redis, postgres), "--Cluster:AdvertisedAddress", $"{cell.HostAddress}", "--Logging:LogLevel:Default", "Warning"];
        string[] inside =
        [
            .. FaultClusters.Arguments(redis, postgres, $"{cell.HostAddress}"),
            "--Cluster:AdvertisedAddress", $"{cell.InnerAddress}", "--Logging:LogLevel:Default", "Warning",
        ];
        await using var silos = new SilosUnderTest(
        [
            () => ServerProcess.StartAsync(data.Combine("silo0"), outside),
            () => ServerProcess.StartAsync(data.Combine("silo1"), outside),
            () => ServerProcess.StartThroughAsync(cell.Entry, "http://0.0.0.0:0", data.Combine("silo2"), inside),
        ]);
        await silos.StartAllAsync();
        var isolated = silos[2].Address.Port;
        Uri[] gateways = [silos[0].Address, silos[1].Address];
        await using var fleet = new ClientFleet(random => gateways[random.Next(gateways.Length)], ChaosSettings.Seed);
        await fleet.CreateAsync(shards: 6);
        fleet.Start();
        await fleet.Model.MoreAsync(100);

        var members = await MembersAsync(silos[0]);
        cell.Cut();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(number =>
        {
            fleet.Model.Begin($"isolated-{number}", "isolated");
            var vector = string.Join(',', Enumerable.Repeat("1", ClientFleet.Dimension));
            var body = $"{{\"items\":[{{\"id\":\"isolated-{number}\",\"vector\":[{vector}],\"payload\":{{\"v\":\"isolated\"}}}}]}}";
            return cell.RequestInsideAsync(isolated, "PUT", $"/v1/collections/{ClientFleet.Collection}/items", body, TimeSpan.FromSeconds(20));
        }));
        Assert.All(answers, answer => Assert.False(
            answer.Contains("\"created\"", StringComparison.Ordinal) || answer.Contains("\"updated\"", StringComparison.Ordinal), answer));
        await ActiveAsync(silos[0], 2);
        await fleet.Model.MoreAsync(100);
        cell.Mend();
        var rejoined = Stopwatch.StartNew();
        await RejoinedAsync(silos[0], members);
        var seconds = rejoined.Elapsed.TotalSeconds;
        var count = await cell.RequestInsideAsync(isolated, "POST", $"/v1/collections/{ClientFleet.Collection}/count", "{}", TimeSpan.FromSeconds(20));
        Assert.Contains("\"count\"", count, StringComparison.Ordinal);
        await fleet.Model.MoreAsync(100);
        await fleet.EndsWellAsync($"silo cut off in its own network and mended, a member with shards again by itself after {seconds:0.0} s");
    }

    private static async Task RunAsync(
        Func<SilosUnderTest, ClientFleet, RedisServer, PostgresServer, Task<string>> fault, bool isQuick = false)
    {
        if (!isQuick)
        {
            ChaosSettings.RequireLong();
        }

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

    /// <summary>Waits until a silo that was not among the members is one, and has its share of the shards.</summary>
    private static Task RejoinedAsync(ServerProcess server, IReadOnlyCollection<string> before)
    {
        var seen = "";
        return Assertions.UntilAsync(
            "The silo that was counted out is a member with shards again",
            Bound,
            async () =>
            {
                try
                {
                    var cluster = await server.Client.GetClusterAsync(Cancelled);
                    var active = Active(cluster);
                    seen = $"{string.Join(", ", active)}; before: {string.Join(", ", before)}";
                    return active.Length == before.Count
                        && active.Except(before).SingleOrDefault() is { } newcomer
                        && cluster.Shards.Count(shard => shard.Silo == newcomer) >= cluster.Shards.Count / active.Length;
                }
                catch (ChineseClipException)
                {
                    return false;
                }
            },
            () => seen);
    }

    private static async Task<string[]> MembersAsync(ServerProcess server) => Active(await server.Client.GetClusterAsync(Cancelled));

    private static string[] Active(ClusterDescription cluster) =>
    [
        .. cluster.Silos.Where(silo => string.Equals(silo.Status, "active", StringComparison.OrdinalIgnoreCase)).Select(silo => silo.Address),
    ];

    private static Task ActiveAsync(ServerProcess server, int count) => Assertions.UntilAsync(
        $"{count} active silos",
        Bound,
        async () =>
        {
            try
            {
                return (await MembersAsync(server)).Length == count;
            }
            catch (ChineseClipException)
            {
                return false;
            }
        });
}
