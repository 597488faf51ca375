using ChineseClip.Client;
using ChineseClip.Cluster.Tests.Processes;
using ChineseClip.Contracts;

namespace ChineseClip.Cluster.Tests.Faults;

/// <summary>A graph that was interrupted and recovered again and again finds as much as one that was built in one go.</summary>
[Trait("Category", "Chaos")]
public sealed class RecallChaosTests
{
    private const string Crashed = "crashed";
    private const string Fresh = "fresh";
    private const int Dimension = 128;
    private const int K = 10;

    // The effort of a search that names none.
    private const int Ef = 64;

    private static int Crashes => ChaosSettings.IsLong ? 50 : 4;

    // Two graphs of the same vectors differ by chance: by some 0.005 with 600 queries, where a search finds two thirds.
    private static int Queries => ChaosSettings.IsLong ? 10_000 : 600;

    private static int ItemsBetween => ChaosSettings.IsLong ? 160 : 500;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RecallAfterCrashes_IsThatOfAFreshIndex()
    {
        using var data = new TemporaryDirectory();
        await using var silos = FaultClusters.Files(data);
        await silos.StartAllAsync();
        var random = new Random(ChaosSettings.Seed);
        List<PutItem> items = [];
        await CreateAsync(silos[0].Client, Crashed);
        for (var crash = 0; crash < Crashes; crash++)
        {
            PutItem[] more = [.. Enumerable.Range(items.Count, ItemsBetween).Select(index => new PutItem { Id = $"i{index}", Vector = Vector(random) })];
            await PutAsync(silos[0].Client, Crashed, more);
            items.AddRange(more);
            await silos.KillAsync(0);
            await silos.StartAsync(0);
        }

        await CreateAsync(silos[0].Client, Fresh);
        foreach (var batch in items.Chunk(500))
        {
            await PutAsync(silos[0].Client, Fresh, batch);
        }

        float[][] queries = [.. Enumerable.Range(0, Queries).Select(_ => Vector(random))];
        var (crashed, fresh) = await RecallAsync(silos[0].Client, queries);

        ChaosSettings.Print($"recall@{K} at ef {Ef} after {Crashes} crashes {crashed:0.0000}, of a fresh index {fresh:0.0000}, {items.Count} vectors, seed {ChaosSettings.Seed}");
        Assert.Equal(items.Count, await silos[0].Client.CountAsync(Crashed, cancellationToken: Cancelled));
        Assert.InRange(crashed, fresh - 0.005, 1);
    }

    private static async Task<(double Crashed, double Fresh)> RecallAsync(IChineseClipClient client, float[][] queries)
    {
        var (crashed, fresh) = (0, 0);
        foreach (var query in queries)
        {
            var nearest = await FindAsync(Fresh, new SearchRequest { Vector = query, K = K, Exact = true });
            var near = new SearchRequest { Vector = query, K = K, Ef = Ef };
            crashed += nearest.Intersect(await FindAsync(Crashed, near)).Count();
            fresh += nearest.Intersect(await FindAsync(Fresh, near)).Count();
        }

        return ((double)crashed / (K * queries.Length), (double)fresh / (K * queries.Length));

        async Task<string[]> FindAsync(string collection, SearchRequest request) =>
            [.. (await client.SearchAsync(collection, request, Cancelled)).Hits.Select(hit => hit.Id)];
    }

    private static Task CreateAsync(IChineseClipClient client, string collection) => client.CreateCollectionAsync(
        collection, new CreateCollectionRequest { Dimension = Dimension, Shards = 1 }, Cancelled);

    private static async Task PutAsync(IChineseClipClient client, string collection, IReadOnlyList<PutItem> items)
    {
        var answer = await client.PutItemsAsync(collection, new PutItemsRequest { Items = items }, Cancelled);
        Assert.All(answer.Results, result => Assert.Null(result.Error));
    }

    // Gaussian, as the length of a vector does not matter.
    private static float[] Vector(Random random) => [.. Enumerable.Range(0, Dimension).Select(_ =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
}
