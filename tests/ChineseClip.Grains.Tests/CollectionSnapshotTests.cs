using System.Text;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Tests.Fakes;

namespace ChineseClip.Grains.Tests;

public sealed class CollectionSnapshotTests : IDisposable
{
    private readonly DirectoryInfo _exchange = Directory.CreateTempSubdirectory("chineseclip-exchange-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _exchange.Delete(recursive: true);

    [Fact]
    public async Task Restore_UnderANewNameAndInPlace_HoldsWhatTheSnapshotHeld()
    {
        await using TestSilos silos = await TestSilos.StartAsync();
        ISnapshotsGrain snapshots = silos.Grains.Snapshots();
        await FillAsync(silos, "a", 0, 40);
        CollectionSnapshot taken = await snapshots.CreateAsync("a", Token);
        Assert.Equal((3, 40L), (taken.Shards.Length, taken.Shards.Sum(shard => shard.ItemCount)));
        await silos.Grains.Collections().SetAliasAsync(new AliasDescription { Alias = "current", Collection = "a" }, Token);
        await FillAsync(silos, "a", 40, 50);
        await silos.Grains.Items().DeleteAsync(new DeleteItems { Collection = "a", Ids = ["000", "001"] }, Token);
        Assert.Equal(taken.Id, Assert.Single(await snapshots.ListAsync("current", Token)).Id);

        CollectionDefinition copy = await snapshots.RestoreAsync("a", taken.Id, "b", Token);

        Assert.Equal(("b", FakeModel.ModelName, taken.Id), (copy.Name, copy.Model, copy.RestoredFrom));
        Assert.Equal(Ids(0, 40), await AllAsync(silos, "b"));
        Assert.Equal("000", (await SearchAsync(silos, "b", "000")).Hits[0].Id);
        Assert.Equal(48, (await AllAsync(silos, "a")).Length);
        await FillAsync(silos, "b", 100, 110);    // a restored collection takes writes
        await TestSilos.FailsAsync(ErrorCode.Conflict, () => snapshots.RestoreAsync("a", taken.Id, "b", Token));

        await snapshots.RestoreAsync("a", taken.Id, null, Token);

        Assert.Equal(Ids(0, 40), await AllAsync(silos, "a"));
        Assert.Equal(Ids(0, 40), await AllAsync(silos, "current"));
        await FillAsync(silos, "a", 60, 62);
        await silos.RestartAsync();
        Assert.Equal<IEnumerable<string>>([.. Ids(0, 40), .. Ids(60, 62)], await AllAsync(silos, "a"));
        Assert.Equal<IEnumerable<string>>([.. Ids(0, 40), .. Ids(100, 110)], await AllAsync(silos, "b"));

        // The snapshot was taken of the incarnation before; it is there still and can be restored again.
        snapshots = silos.Grains.Snapshots();
        await snapshots.RestoreAsync("a", taken.Id, "c", Token);
        Assert.Equal(Ids(0, 40), await AllAsync(silos, "c"));
        await snapshots.DeleteAsync("a", taken.Id, Token);
        Assert.Empty(await snapshots.ListAsync("a", Token));
        await TestSilos.FailsAsync(ErrorCode.NotFound, () => snapshots.RestoreAsync("a", taken.Id, "d", Token));
        Assert.Equal<IEnumerable<string>>([.. Ids(0, 40), .. Ids(60, 62)], await AllAsync(silos, "a"));
    }

    [Fact]
    public async Task Export_ImportedByAnotherCluster_IsTheSameCollection()
    {
        await using (TestSilos first = await StartAsync())
        {
            await FillAsync(first, "a", 0, 30);
            CollectionSnapshot taken = await first.Grains.Snapshots().CreateAsync("a", Token);
            string folder = await first.Grains.Snapshots().ExportAsync("a", taken.Id, "moved", Token);
            Assert.True(File.Exists(Path.Combine(folder, "snapshot.json")));
            await TestSilos.FailsAsync(
                ErrorCode.Conflict, () => first.Grains.Snapshots().ExportAsync("a", taken.Id, "moved", Token));
            await TestSilos.FailsAsync(
                ErrorCode.InvalidInput, () => first.Grains.Snapshots().ExportAsync("a", taken.Id, "../moved", Token));
        }

        await using TestSilos second = await StartAsync();
        CollectionDefinition imported = await second.Grains.Snapshots().ImportAsync("moved", "图集", Token);
        Assert.Equal((3, FakeModel.ModelName), (imported.Shards, imported.Model));
        Assert.Equal(Ids(0, 30), await AllAsync(second, "图集"));
        Assert.Equal("007", (await SearchAsync(second, "图集", "007")).Hits[0].Id);

        // A damaged file is refused by name, and nothing of it becomes a collection.
        string entries = Path.Combine(_exchange.FullName, "moved", "shard-1", "entries");
        byte[] content = await File.ReadAllBytesAsync(entries, Token);
        content[content.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(entries, content, Token);
        ClusterException refused = await TestSilos.FailsAsync(
            ErrorCode.Corrupt, () => second.Grains.Snapshots().ImportAsync("moved", "damaged", Token));
        Assert.Contains("shard-1", refused.Message, StringComparison.Ordinal);
        Assert.Equal("图集", Assert.Single(await second.Grains.Collections().ListAsync(Token)).Name);
        await TestSilos.FailsAsync(ErrorCode.NotFound, () => second.Grains.Snapshots().ImportAsync("absent", "x", Token));
    }

    [Fact]
    public async Task Export_NoExchangeDirectory_IsForbidden()
    {
        await using TestSilos silos = await TestSilos.StartAsync();
        await FillAsync(silos, "a", 0, 1);
        CollectionSnapshot taken = await silos.Grains.Snapshots().CreateAsync("a", Token);
        await TestSilos.FailsAsync(ErrorCode.Forbidden, () => silos.Grains.Snapshots().ExportAsync("a", taken.Id, "x", Token));
        await silos.Grains.Collections().DeleteAsync("a", Token);
        await TestSilos.FailsAsync(ErrorCode.NotFound, () => silos.Grains.Snapshots().ListAsync("a", Token));
    }

    private static async Task FillAsync(TestSilos silos, string collection, int from, int to)
    {
        if (await silos.Grains.Collections().FindAsync(collection, Token) is null)
        {
            await silos.Grains.Collections().CreateAsync(
                new CreateCollection { Name = collection, Model = FakeModel.ModelName, Shards = 3 }, Token);
        }

        ItemOutcome[] outcomes = await silos.Grains.Ingest().PutAsync(
            new PutItems
            {
                Collection = collection,
                Items = [.. Ids(from, to).Select(id => new PutItem { Id = id, Text = id, Payload = Encoding.UTF8.GetBytes("""{"a":1}""") })],
            },
            Token);
        Assert.All(outcomes, outcome => Assert.True(outcome.Status == ItemStatus.Created, outcome.Error?.Message));
    }

    private static string[] Ids(int from, int to) => [.. Enumerable.Range(from, to - from).Select(i => $"{i:D3}")];

    private static async Task<string[]> AllAsync(TestSilos silos, string collection) =>
    [
        .. (await silos.Grains.Items().ScrollAsync(new ScrollQuery { Collection = collection, Limit = 1000 }, Token))
            .Items.Select(item => item.Id),
    ];

    private static Task<SearchAnswer> SearchAsync(TestSilos silos, string collection, string text) =>
        silos.Grains.Search().SearchAsync(new SearchQuery { Collection = collection, Text = text }, Token);

    private Task<TestSilos> StartAsync() =>
        TestSilos.StartAsync(settings: new() { ["Snapshots:ExchangeDirectory"] = _exchange.FullName });
}
