using System.Text.Json;
using ChineseClip.Demo;

namespace ChineseClip.Cli.Tests;

/// <summary><c>eval retrieval</c> against a server in a process of its own, with an oracle that computes the ranks anew.</summary>
public sealed class EvalRetrievalTests
{
    private static readonly int[] Depths = [1, 5, 10];

    [Fact]
    public async Task EvalRetrieval_PicturesWithCaptions_EqualsRanksOfTheEmbeddings()
    {
        string folder = TestHome.NewDirectory();
        IReadOnlyList<DemoPicture> pictures = DemoPictures.Gallery(24);
        DemoPictures.WriteFiles(folder, pictures, CliRun.Token);
        string[] texts = [.. pictures.Select((picture, i) => i % 2 == 0 ? picture.Payload()["caption"]!.GetValue<string>() : "一张图片" + i)];
        string queries = Path.Combine(folder, "queries.jsonl");
        await File.WriteAllLinesAsync(
            queries,
            pictures.Select((picture, i) => JsonSerializer.Serialize(new { query_id = i, query_text = texts[i], item_ids = new[] { picture.FileName } }))
                .Append("{\"query_id\": \"x\", \"query_text\": \"红色\", \"item_ids\": [\"absent\"]}"),
            CliRun.Token);
        await using CliProcess process = CliProcess.Start(
            "serve", "--urls", "http://127.0.0.1:0", "--data", TestHome.NewDirectory(), "--Logging:LogLevel:Default", "Warning");
        string server = (await process.ServingAsync()).AbsoluteUri;
        (await CliRun.OfAsync("collection", "create", "c", "--model", "demo", "--server", server)).Done();
        (await CliRun.OfAsync("index", folder, "--collection", "c", "--server", server)).Done();

        CliRun run = (await CliRun.OfAsync("eval", "retrieval", "--collection", "c", "--queries", queries, "--exact", "--server", server, "--json")).Done();

        JsonElement json = run.Json();
        Assert.Contains("1 annotated items are not in the collection, the first of them 'absent'", run.Error, StringComparison.Ordinal);
        Assert.Equal((25, 24, 1), (json.GetProperty("queries").GetInt32(), json.GetProperty("items").GetInt32(), json.GetProperty("itemsMissing").GetInt32()));
        float[][] images = await EmbedAsync([.. pictures.SelectMany(picture => new[] { "--image", Path.Combine(folder, picture.FileName) })]);
        float[][] captions = await EmbedAsync([.. texts.Append("红色").SelectMany(text => new[] { "--text", text })]);
        int[] imageRanks = [.. Enumerable.Range(0, 24).Select(i => RankOf(captions[i], images, i)).Append(int.MaxValue)];
        int[] textRanks = [.. Enumerable.Range(0, 24).Select(i => RankOf(images[i], captions, i))];
        AssertRecall(imageRanks, json.GetProperty("textToImage"));
        AssertRecall(textRanks, json.GetProperty("imageToText"));
        CliRun table = (await CliRun.OfAsync("eval", "retrieval", "--collection", "c", "--queries", queries, "--server", server)).Done();
        Assert.Contains("text to image", table.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"query_id\": 1, \"query_text\": \" \", \"item_ids\": [1]}", "line 1: \"query_text\" is absent, blank or no string")]
    [InlineData("{\"query_id\": 1, \"query_text\": \"鱼\"}", "\"item_ids\" is absent; must be an array")]
    [InlineData("{\"query_text\": \"鱼\", \"item_ids\": []}", "\"query_id\" is absent")]
    [InlineData("", "holds 0 queries")]
    public async Task EvalRetrieval_WrongQueries_AreNamed(string line, string detail)
    {
        string queries = Path.Combine(TestHome.NewDirectory(), "queries.jsonl");
        await File.WriteAllTextAsync(queries, line, CliRun.Token);

        CliRun run = await CliRun.OfAsync("eval", "retrieval", "--collection", "c", "--queries", queries);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(detail, run.Error, StringComparison.Ordinal);
    }

    private static async Task<float[][]> EmbedAsync(string[] inputs) =>
        [.. (await CliRun.OfAsync(["embed", "--model", "demo", .. inputs])).Done().JsonLines()
            .Select(line => line.GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle()).ToArray())];

    private static int RankOf(float[] query, float[][] gallery, int right)
    {
        double[] scores = [.. gallery.Select(row => row.Zip(query, (x, y) => (double)x * y).Sum())];
        return scores.Count(score => score > scores[right]);
    }

    private static void AssertRecall(int[] ranks, JsonElement scores)
    {
        double[] expected = [.. Depths.Select(depth => 100.0 * ranks.Count(rank => rank < depth) / ranks.Length)];
        Assert.Equal(expected[0], scores.GetProperty("r1").GetDouble(), 1e-9);
        Assert.Equal(expected[1], scores.GetProperty("r5").GetDouble(), 1e-9);
        Assert.Equal(expected[2], scores.GetProperty("r10").GetDouble(), 1e-9);
        Assert.Equal(expected.Average(), scores.GetProperty("meanRecall").GetDouble(), 1e-9);
    }
}
