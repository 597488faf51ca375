using System.Collections.Concurrent;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Placement;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Placement.Filtering;
using Orleans.TestingHost;

namespace ChineseClip.Grains.Tests;

public sealed class PlacementTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Moves_FromAnyStart_EndEvenlySpreadWithFewMoves()
    {
        const int Seed = 3;
        Random random = new(Seed);
        for (int round = 0; round < 200; round++)
        {
            string[] silos = [.. Enumerable.Range(0, random.Next(1, 6)).Select(i => $"s{i}")];
            int replicas = random.Next(1, silos.Length + 1);
            List<PlacedCopy> copies =
            [
                .. from collection in Enumerable.Range(0, random.Next(1, 4))
                   from ordinal in Enumerable.Range(0, random.Next(1, 9))
                   from replica in Enumerable.Range(0, replicas)
                   select new PlacedCopy($"c{collection}", ordinal, replica, silos[random.Next(silos.Length)]),
            ];
            int moves = 0;
            while (ShardMove.Next(copies, silos) is { } move)
            {
                Assert.True(++moves <= 2 * copies.Count, $"round {round}: more than {2 * copies.Count} moves");
                Assert.DoesNotContain(copies, other => other.IsOfSameShard(move.Copy) && other.Silo == move.Target);
                copies[copies.IndexOf(move.Copy)] = move.Copy with { Silo = move.Target };
            }

            Assert.All(
                copies.GroupBy(copy => (copy.Collection, copy.Ordinal)),
                shard => Assert.Equal(replicas, shard.Select(copy => copy.Silo).Distinct().Count()));
            int[] counts = [.. silos.Select(silo => copies.Count(copy => copy.Silo == silo))];
            if (replicas == 1)
            {
                Assert.True(counts.Max() - counts.Min() <= 1, $"round {round}: {string.Join(',', counts)}");
            }
        }
    }

    // Whatever type was placed before: each is placed by its own role.
    [Fact]
    public async Task RolesOfGrainTypes_AreKeptApart()
    {
        await using TestSilos silos = await TestSilos.StartAsync(null, null, null, true, null, "gateway,inference", "shards");
        foreach (SiloHandle silo in silos.Cluster.Silos)
        {
            PlacementFilterStrategyResolver resolver =
                ((InProcessSiloHandle)silo).ServiceProvider.GetRequiredService<PlacementFilterStrategyResolver>();
            (string Type, string Role)[] expected =
            [
                ("shard", SiloRoles.Shards), ("encoder", SiloRoles.Inference), ("shard-reader", SiloRoles.Shards),
                ("ingest", SiloRoles.Inference), ("collections", SiloRoles.Shards),
            ];
            string Role(string type) => ((RoleFilter)Assert.Single(resolver.GetPlacementFilterStrategies(GrainType.Create(type)))).Role;
            Array.ForEach(expected, pair => Role(pair.Type));
            Assert.All(expected, pair => Assert.Equal(pair.Role, Role(pair.Type)));
        }
    }

    [Fact]
    public async Task SiloJoinsAndLeaves_UnderWritesAndSearches_NothingFailsAndNothingIsLost()
    {
        await using TestSilos silos = await TestSilos.StartAsync(
            settings: new() { ["Cluster:BalanceAfter"] = "00:00:00.3" }, isShared: true);
        await silos.Grains.Collections().CreateAsync(
            new CreateCollection { Name = "c", Model = Fakes.FakeModel.ModelName, Shards = 6 }, Token);
        using CancellationTokenSource done = new();
        ConcurrentDictionary<string, bool> written = new();
        Task<int> writing = WriteAsync(silos, written, done.Token);
        Task<int> searching = SearchAsync(silos, done.Token);

        InProcessSiloHandle joined = await silos.Cluster.StartAdditionalSiloAsync();
        await SpreadAsync(silos, [3, 3]);
        InProcessSiloHandle third = await silos.Cluster.StartAdditionalSiloAsync();
        await SpreadAsync(silos, [2, 2, 2]);
        int before = written.Count;
        await silos.Cluster.StopSiloAsync(joined, Token);
        await SpreadAsync(silos, [3, 3]);
        while (written.Count < before + 20)
        {
            await Task.WhenAny(Task.Delay(20, Token), writing, searching);
            Assert.False(writing.IsFaulted, writing.Exception?.ToString());
            Assert.False(searching.IsFaulted, searching.Exception?.ToString());
        }

        await done.CancelAsync();
        Assert.True(await writing > 0 && await searching > 0);
        string? cursor = null;
        HashSet<string> found = [];
        do
        {
            ScrollPage page = await silos.Grains.Items().ScrollAsync(
                new ScrollQuery { Collection = "c", Limit = 1000, Cursor = cursor }, Token);
            found.UnionWith(page.Items.Select(item => item.Id));
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        Assert.Empty(written.Keys.Except(found));
        Assert.NotNull(third);
    }

    private static async Task<int> WriteAsync(TestSilos silos, ConcurrentDictionary<string, bool> written, CancellationToken done)
    {
        int count = 0;
        while (!done.IsCancellationRequested)
        {
            string[] ids = [.. Enumerable.Range(0, 6).Select(i => $"{count:D5}-{i}")];
            ItemOutcome[] outcomes = await silos.Grains.Ingest().PutAsync(
                new PutItems { Collection = "c", Items = [.. ids.Select(id => new PutItem { Id = id, Text = id })] }, Token);
            Assert.All(outcomes, outcome => Assert.True(outcome.Status == ItemStatus.Created, outcome.Error?.Message));
            Array.ForEach(ids, id => written[id] = true);
            count++;
        }

        return count;
    }

    private static async Task<int> SearchAsync(TestSilos silos, CancellationToken done)
    {
        int count = 0;
        while (!done.IsCancellationRequested)
        {
            SearchAnswer answer = await silos.Grains.Search().SearchAsync(
                new SearchQuery { Collection = "c", Text = "鱼", Timeout = TimeSpan.FromSeconds(20) }, Token);
            Assert.Equal(6, answer.ShardsAnswered);
            count++;
        }

        return count;
    }

    // Waits until the shards are spread so over the silos.
    private static async Task SpreadAsync(TestSilos silos, int[] expected)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Bound);
        int[] counts = [];
        while (!counts.SequenceEqual(expected))
        {
            CollectionDescription description = await silos.Grains.Collections().DescribeAsync("c", Token);
            counts = [.. description.Shards.GroupBy(shard => shard.Silo ?? "").Select(silo => silo.Count()).Order()];
            Assert.False(limit.IsCancellationRequested, $"after {Bound} the shards are spread {string.Join(',', counts)}");
            await Task.Delay(20, Token);
        }
    }
}
