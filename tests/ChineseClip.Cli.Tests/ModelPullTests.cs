using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ChineseClip.Cli.Pulling;
using ChineseClip.Cli.Running;
using ChineseClip.Model;

namespace ChineseClip.Cli.Tests;

/// <summary><c>model pull</c> against a local server with the hub's layout and failures.</summary>
public sealed class ModelPullTests
{
    private const string WeightFile = "model.safetensors";

    [Fact]
    public async Task ModelPull_Checkpoint_IsDownloadedFromOneCommitAndConverted()
    {
        await using LocalHub hub = await StartAsync();
        string package = Path.Combine(TestHome.NewDirectory(), "package");

        CliRun run = (await CliRun.OfAsync(
            "model", "pull", LocalHub.Repository, "--endpoint", hub.Address.AbsoluteUri, "--revision", "v1", "--out", package, "--json")).Done();

        Assert.Equal(LocalHub.Sha256(hub.Files[WeightFile]), run.Json().GetProperty("sourceSha256").GetString());
        Assert.True(ModelPackage.Open(package).Manifest.Dimension > 0);
        Assert.Equal($"/{LocalHub.Repository}/resolve/v1/vocab.txt", hub.Requests.First().Path);
        Assert.All(
            hub.Requests.Skip(1).Where(request => !request.Path.StartsWith("/store/", StringComparison.Ordinal)),
            request => Assert.StartsWith($"/{LocalHub.Repository}/resolve/{LocalHub.Commit}/", request.Path, StringComparison.Ordinal));

        int before = hub.Requests.Count;
        (await CliRun.OfAsync("model", "pull", LocalHub.Repository, "--endpoint", hub.Address.AbsoluteUri, "--out", package)).Done();
        Assert.DoesNotContain(hub.Requests.Skip(before), request => request is { Method: "GET", Path: "/store/" + WeightFile });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pull_CutConnections_GoesOnOrBeginsAgain(bool hasRanges)
    {
        await using LocalHub hub = await StartAsync();
        hub.Cuts = 2;
        hub.HasRanges = hasRanges;

        string path = await PullAsync(hub);

        Assert.Equal(hub.Files[WeightFile], await File.ReadAllBytesAsync(path, CliRun.Token));
        string?[] ranges = [.. hub.Requests.Where(IsWeightsGet).Select(request => request.Range)];
        Assert.Equal(3, ranges.Length);
        Assert.Null(ranges[0]);
        Assert.All(ranges[1..], range => Assert.StartsWith("bytes=", range, StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(path)!, "*.part"));
    }

    [Fact]
    public async Task Pull_EndedEarlier_ResumesInTheNextRun()
    {
        await using LocalHub hub = await StartAsync();
        string directory = TestHome.NewDirectory();
        byte[] file = hub.Files[WeightFile];
        string part = Path.Combine(directory, $"{WeightFile}.{LocalHub.Sha256(file)[..16]}.part");
        await File.WriteAllBytesAsync(part, file[..1000], CliRun.Token);

        string path = await PullAsync(hub, directory);

        Assert.Equal(file, await File.ReadAllBytesAsync(path, CliRun.Token));
        Assert.Equal("bytes=1000-", Assert.Single(hub.Requests, IsWeightsGet).Range);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pull_WrongPartOrRefusedRange_BeginsAgain(bool refusesRanges)
    {
        await using LocalHub hub = await StartAsync();
        hub.RefusesRanges = refusesRanges;
        string directory = TestHome.NewDirectory();
        byte[] file = hub.Files[WeightFile];
        await File.WriteAllBytesAsync(
            Path.Combine(directory, $"{WeightFile}.{LocalHub.Sha256(file)[..16]}.part"), new byte[1000], CliRun.Token);

        string path = await PullAsync(hub, directory);

        Assert.Equal(file, await File.ReadAllBytesAsync(path, CliRun.Token));
    }

    [Fact]
    public async Task Pull_WrongContent_IsDiscardedAndNamed()
    {
        await using LocalHub hub = await StartAsync();
        hub.IsDamaging = true;
        string directory = TestHome.NewDirectory();

        CommandFailedException exception = await Assert.ThrowsAsync<CommandFailedException>(() => PullAsync(hub, directory));

        Assert.Contains($"must have {LocalHub.Sha256(hub.Files[WeightFile])}", exception.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(directory, WeightFile + "*"));
    }

    [Fact]
    public async Task Pull_NothingComes_GivesUpAfterFiveTries()
    {
        await using LocalHub hub = await StartAsync();
        hub.IsAlwaysCut = true;

        CommandFailedException exception = await Assert.ThrowsAsync<CommandFailedException>(() => PullAsync(hub));

        Assert.Contains($"{WeightFile} stopped at byte 0 and 5 tries", exception.Message, StringComparison.Ordinal);
        Assert.Equal(5, hub.Requests.Count(IsWeightsGet));
    }

    [Fact]
    public async Task Pull_Token_IsSentToTheHubOnly()
    {
        await using LocalHub hub = await StartAsync();
        hub.Token = "secret";

        CommandFailedException refused = await Assert.ThrowsAsync<CommandFailedException>(() => PullAsync(hub));
        Assert.Contains("it needs HF_TOKEN", refused.Message, StringComparison.Ordinal);
        CommandFailedException wrong = await Assert.ThrowsAsync<CommandFailedException>(() => PullAsync(hub, token: "other"));
        Assert.Contains("HF_TOKEN gives no access", wrong.Message, StringComparison.Ordinal);
        await PullAsync(hub, token: "secret");

        Assert.All(
            hub.Requests.Where(request => request.Path.StartsWith("/store/", StringComparison.Ordinal)), request => Assert.Null(request.Authorization));
    }

    [Fact]
    public async Task Pull_NothingThere_SaysWhatWasLookedFor()
    {
        await using LocalHub hub = await StartAsync();
        hub.Files.Remove(WeightFile);
        CommandFailedException weights = await Assert.ThrowsAsync<CommandFailedException>(() => PullAsync(hub));
        Assert.Contains("no weights at revision 'main'; looked for model.safetensors,", weights.Message, StringComparison.Ordinal);

        hub.Files.Clear();
        CliRun run = await CliRun.OfAsync("model", "pull", LocalHub.Repository, "--endpoint", hub.Address.AbsoluteUri);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no vocab.txt", run.Error, StringComparison.Ordinal);
        Assert.Contains("--vocab", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelPull_WeightsAlone_TakesTheVocabularyGiven()
    {
        await using LocalHub hub = await StartAsync();
        hub.Files.Remove("vocab.txt");
        hub.Files["clip_cn.safetensors"] = hub.Files[WeightFile];
        hub.Files.Remove(WeightFile);
        string package = Path.Combine(TestHome.NewDirectory(), "package");

        CliRun run = await CliRun.OfAsync(
            "model", "pull", LocalHub.Repository, "--endpoint", hub.Address.AbsoluteUri, "--weights", "clip_cn.safetensors",
            "--vocab", Path.Combine(TinyModel.Checkpoint, "vocab.txt"), "--out", package);

        run.Done();
        Assert.Equal("clip_cn.safetensors", ModelPackage.Open(package).Manifest.Source);
        Assert.Contains(hub.Requests, request => request.Path.Contains($"/resolve/{LocalHub.Commit}/clip_cn.safetensors", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pull_ShardedWeights_FetchesEachAndRefusesPaths()
    {
        await using LocalHub hub = await StartAsync();
        hub.Files.Remove(WeightFile);
        hub.Files["a.bin"] = RandomNumberGenerator.GetBytes(3000);
        hub.Files["b.bin"] = RandomNumberGenerator.GetBytes(10);
        hub.Files["pytorch_model.bin.index.json"] = Index("a.bin", "b.bin", "a.bin");
        string directory = TestHome.NewDirectory();

        await PullAsync(hub, directory);

        Assert.Equal(hub.Files["a.bin"], await File.ReadAllBytesAsync(Path.Combine(directory, "a.bin"), CliRun.Token));
        Assert.Equal(hub.Files["b.bin"], await File.ReadAllBytesAsync(Path.Combine(directory, "b.bin"), CliRun.Token));
        hub.Files["pytorch_model.bin.index.json"] = Index("../a.bin");
        CommandFailedException refused = await Assert.ThrowsAsync<CommandFailedException>(() => PullAsync(hub, directory));
        Assert.Contains("'../a.bin'; must be a plain file name", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/b/c")]
    [InlineData("a b")]
    public async Task ModelPull_WrongRepository_IsAWrongCommandLine(string repository)
    {
        CliRun run = await CliRun.OfAsync("model", "pull", repository);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"'{repository}'; must be OWNER/NAME", run.Error, StringComparison.Ordinal);
    }

    private static byte[] Index(params string[] files) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(
        new { weight_map = files.Select((file, i) => (file, i)).ToDictionary(pair => $"t{pair.i}", pair => pair.file) }));

    private static bool IsWeightsGet((string Method, string Path, string? Range, string? Authorization) request) =>
        request is { Method: "GET", Path: "/store/" + WeightFile };

    private static async Task<LocalHub> StartAsync()
    {
        LocalHub hub = await LocalHub.StartAsync();
        foreach (string name in new[] { "config.json", "vocab.txt", "preprocessor_config.json", WeightFile })
        {
            hub.Files[name] = await File.ReadAllBytesAsync(Path.Combine(TinyModel.Checkpoint, name), CliRun.Token);
        }

        return hub;
    }

    private static async Task<string> PullAsync(LocalHub hub, string? directory = null, string? token = null)
    {
        using HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
        using CliStreams streams = new(TextReader.Null, TextWriter.Null, TextWriter.Null);
        CheckpointPull pull = new(new HubRepository(http, hub.Address, LocalHub.Repository, token), directory ?? TestHome.NewDirectory(), streams)
        {
            Pause = TimeSpan.Zero,
        };
        return await pull.RunAsync("main", null, needsVocabulary: true, CliRun.Token);
    }
}
