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

    /// <summary>OFA-Sys' files in, its scripts' figures and files out.</summary>
    [Fact]
    public async Task EvalRetrieval_GoldenFeatures_GivesTheScriptsFiguresAndFiles()
    {
        string saved = Path.Combine(TestHome.NewDirectory(), "saved");

        JsonElement json = (await CliRun.OfAsync(
            "eval", "retrieval", "--queries", Golden("valid_texts.jsonl"), "--text-features", Golden("valid_texts.txt_feat.jsonl"),
            "--image-features", Golden("valid_imgs.img_feat.jsonl"), "--save", saved, "--json")).Done().Json();

        AssertFigures("recall_t2i.json", json.GetProperty("textToImage"));
        AssertFigures("recall_i2t.json", json.GetProperty("imageToText"));
        Assert.Equal(Read("valid_predictions.jsonl"), await File.ReadAllTextAsync(Path.Combine(saved, "predictions.jsonl"), CliRun.Token));
        Assert.Equal(Read("valid_tr_predictions.jsonl"), await File.ReadAllTextAsync(Path.Combine(saved, "tr_predictions.jsonl"), CliRun.Token));
        Assert.Equal(Read("valid_texts.txt_feat.jsonl"), await File.ReadAllTextAsync(Path.Combine(saved, "texts.txt_feat.jsonl"), CliRun.Token));
        Assert.Equal(Read("valid_imgs.img_feat.jsonl"), await File.ReadAllTextAsync(Path.Combine(saved, "imgs.img_feat.jsonl"), CliRun.Token));
    }

    [Fact]
    public async Task EvalRetrieval_GoldenPredictions_GivesTheScriptsFigures()
    {
        JsonElement both = (await CliRun.OfAsync(
            "eval", "retrieval", "--queries", Golden("valid_texts.jsonl"), "--predictions", Golden("valid_predictions.jsonl"),
            "--tr-predictions", Golden("valid_tr_predictions.jsonl"), "--tr-queries", Golden("valid_texts.tr.jsonl"), "--json")).Done().Json();
        JsonElement one = (await CliRun.OfAsync(
            "eval", "retrieval", "--queries", Golden("valid_texts.jsonl"), "--predictions", Golden("valid_predictions.jsonl"), "--json")).Done().Json();

        AssertFigures("recall_t2i.json", both.GetProperty("textToImage"));
        AssertFigures("recall_i2t.json", both.GetProperty("imageToText"));
        AssertFigures("recall_t2i.json", one.GetProperty("textToImage"));
        Assert.False(one.TryGetProperty("imageToText", out _));
    }

    [Fact]
    public async Task EvalRetrieval_ModelOnPictures_EqualsItsSavedFeatures()
    {
        string folder = TestHome.NewDirectory();
        IReadOnlyList<DemoPicture> pictures = DemoPictures.Gallery(12);
        DemoPictures.WriteFiles(folder, pictures, CliRun.Token);
        string tsv = Path.Combine(folder, "valid_imgs.tsv");
        string queries = Path.Combine(folder, "valid_texts.jsonl");
        await File.WriteAllLinesAsync(tsv, pictures.Select((p, i) => $"{500 + i}\t{Convert.ToBase64String(File.ReadAllBytes(Path.Combine(folder, p.FileName)))}"), CliRun.Token);
        await File.WriteAllLinesAsync(
            queries,
            pictures.Select((p, i) => JsonSerializer.Serialize(new { text_id = i, text = p.Payload()["caption"]!.GetValue<string>(), image_ids = new[] { 500 + i } })),
            CliRun.Token);
        string saved = Path.Combine(folder, "saved");

        JsonElement model = (await CliRun.OfAsync("eval", "retrieval", "--queries", queries, "--model", "demo", "--images", tsv, "--save", saved, "--json")).Done().Json();
        JsonElement features = (await CliRun.OfAsync(
            "eval", "retrieval", "--queries", queries, "--text-features", Path.Combine(saved, "texts.txt_feat.jsonl"),
            "--image-features", Path.Combine(saved, "imgs.img_feat.jsonl"), "--json")).Done().Json();

        Assert.Equal(100, model.GetProperty("textToImage").GetProperty("r10").GetDouble());
        Assert.Equal(model.GetRawText(), features.GetRawText());
    }

    [Theory]
    [InlineData("eval retrieval --queries q", "needs one of --collection, --model with --images")]
    [InlineData("eval retrieval --queries q --collection c --predictions p", "needs one of --collection")]
    [InlineData("eval retrieval --queries q --model m", "--model and --images go together")]
    [InlineData("eval retrieval --queries q --text-features t", "--text-features and --image-features go together")]
    public async Task EvalRetrieval_NotOneSubject_IsAWrongCommandLine(string arguments, string detail)
    {
        CliRun run = await CliRun.OfAsync(arguments.Split(' '));

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(detail, run.Error, StringComparison.Ordinal);
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

    private static string Golden(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", "retrieval", name);

    private static string Read(string name) => File.ReadAllText(Golden(name));

    private static void AssertFigures(string script, JsonElement scores)
    {
        using JsonDocument document = JsonDocument.Parse(Read(script));
        JsonElement expected = document.RootElement.GetProperty("scoreJson");
        foreach ((string theirs, string ours) in new[] { ("r1", "r1"), ("r5", "r5"), ("r10", "r10"), ("mean_recall", "meanRecall") })
        {
            Assert.Equal(expected.GetProperty(theirs).GetRawText(), scores.GetProperty(ours).GetRawText());
        }
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
