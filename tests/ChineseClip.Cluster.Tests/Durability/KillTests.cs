using ChineseClip.Client;
using ChineseClip.Cluster.Tests.Processes;
using ChineseClip.Contracts;

namespace ChineseClip.Cluster.Tests.Durability;

/// <summary>One process with files, killed with SIGKILL: what was acknowledged is there afterwards, and nothing else.</summary>
public sealed class KillTests
{
    private const string Collection = "pictures";
    private static readonly string[] Queries = ["红色的鱼", "夜晚的月亮", "三个苹果", "海边的船", "雪地上的房子", "一只黑色的猫"];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kill_AfterIndexing500Pictures_AllAreThereAndSearchesGiveTheSameHits()
    {
        const int Count = 500;
        using var data = new TemporaryDirectory();
        List<SearchResponse> before;
        await using (var server = await ServerProcess.StartAsync(data.Path))
        {
            await CreateAsync(server.Client);
            foreach (var items in DrawnPictures.Draw(0, Count).Chunk(50))
            {
                await PutAsync(server.Client, items);
            }

            before = await SearchAsync(server.Client);
            await server.KillAsync();
        }

        await using var restarted = await ServerProcess.StartAsync(data.Path);
        var after = await SearchAsync(restarted.Client);

        Assert.Equal(Count, await restarted.Client.CountAsync(Collection, cancellationToken: Cancelled));
        Assert.Equal(Enumerable.Range(0, Count).Select(DrawnPictures.Id), await IdsAsync(restarted.Client));
        foreach (var (expected, actual) in before.Zip(after))
        {
            Assert.Equal(expected.Hits.Select(hit => (hit.Id, hit.Score)), actual.Hits.Select(hit => (hit.Id, hit.Score)));
            Assert.Equal((4, 4), (actual.ShardsAsked, actual.ShardsAnswered));
        }
    }

    [Fact]
    public async Task Kill_WhileWritesAndDeletesAreUnderWay_KeepsExactlyWhatWasAcknowledged()
    {
        const int Rounds = 3;
        const int Writers = 4;
        using var data = new TemporaryDirectory();
        var random = new Random(20261123);
        var history = new AcknowledgedHistory();
        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await ServerProcess.StartAsync(data.Path);
            if (round == 0)
            {
                await CreateVectorsAsync(server.Client);
            }
            else
            {
                history.AssertHolds(await IdsAsync(server.Client));
            }

            // The kill comes after a number of acknowledgements, not after a time: it always hits requests that are under way.
            var killAfter = new AcknowledgementCounter(random.Next(40, 160));
            var writers = Enumerable.Range(0, Writers)
                .Select(writer => WriteUntilKilledAsync(server, history, killAfter, $"r{round}w{writer}", random.Next()))
                .ToArray();
            await killAfter.Reached;
            await server.KillAsync();
            await Task.WhenAll(writers);
        }

        await using var last = await ServerProcess.StartAsync(data.Path);
        history.AssertHolds(await IdsAsync(last.Client));
        Assert.True(history.AcknowledgedCount > 100, $"Only {history.AcknowledgedCount} operations were acknowledged.");
    }

    private static async Task WriteUntilKilledAsync(
        ServerProcess server, AcknowledgedHistory history, AcknowledgementCounter counter, string prefix, int seed)
    {
        var random = new Random(seed);
        var mine = new List<string>();
        for (var number = 0; ; number++)
        {
            var delete = mine.Count > 4 && random.Next(4) == 0;
            var id = delete ? mine[random.Next(mine.Count)] : $"{prefix}-{number:D4}";
            history.Begin(id, delete);
            try
            {
                if (delete)
                {
                    await server.Client.DeleteItemAsync(Collection, id, Cancelled);
                    mine.Remove(id);
                }
                else
                {
                    await PutAsync(server.Client, [new PutItem { Id = id, Vector = Vector(random) }]);
                    mine.Add(id);
                }
            }
            catch (Exception exception) when (exception is ChineseClipException or HttpRequestException or IOException)
            {
                return;
            }

            history.Acknowledge(id, delete);
            counter.Count();
        }
    }

    private static float[] Vector(Random random)
    {
        var vector = Enumerable.Range(0, 16).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray();
        var norm = MathF.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => value / norm)];
    }

    private static Task CreateAsync(IChineseClipClient client) =>
        client.CreateCollectionAsync(Collection, new CreateCollectionRequest { Model = "demo", Shards = 4 }, Cancelled);

    private static Task CreateVectorsAsync(IChineseClipClient client) =>
        client.CreateCollectionAsync(Collection, new CreateCollectionRequest { Dimension = 16, Shards = 4 }, Cancelled);

    private static async Task PutAsync(IChineseClipClient client, IReadOnlyList<PutItem> items)
    {
        var response = await client.PutItemsAsync(Collection, new PutItemsRequest { Items = items }, Cancelled);
        Assert.All(response.Results, result => Assert.Null(result.Error));
    }

    private static async Task<List<SearchResponse>> SearchAsync(IChineseClipClient client)
    {
        var answers = new List<SearchResponse>();
        foreach (var query in Queries)
        {
            answers.Add(await client.SearchAsync(Collection, new SearchRequest { Text = query, K = 10 }, Cancelled));
        }

        var picture = ImageSources.FromBytes(DrawnPictures.File(7));
        answers.Add(await client.SearchAsync(Collection, new SearchRequest { Image = picture, K = 10 }, Cancelled));
        answers.Add(await client.SearchAsync(Collection, new SearchRequest { Id = DrawnPictures.Id(3), K = 10 }, Cancelled));
        return answers;
    }

    private static async Task<List<string>> IdsAsync(IChineseClipClient client)
    {
        var ids = new List<string>();
        await foreach (var item in client.ScrollAllAsync(Collection, new ScrollRequest(), Cancelled))
        {
            ids.Add(item.Id);
        }

        return ids;
    }
}
