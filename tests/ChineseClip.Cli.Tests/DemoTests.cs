using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using ChineseClip.Storage.Files;

namespace ChineseClip.Cli.Tests;

/// <summary>The demo from end to end, as a process.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task Demo_OnceAsJson_PrintsOneDocumentAndIsUsedAgain()
    {
        string data = TestHome.NewDirectory();
        string[] args = ["demo", "--once", "--json", "--images", "60", "--port", "0", "--data", data, "--held-out"];
        await using CliProcess first = CliProcess.Start([.. args, "100"]);
        JsonElement shown = (await first.EndAsync()).Done().Json();

        Assert.Equal(60, shown.GetProperty("images").GetInt32());
        Assert.True(shown.GetProperty("indexSeconds").GetDouble() > 0);
        Assert.False(shown.GetProperty("alreadyIndexed").GetBoolean());
        JsonElement[] queries = [.. shown.GetProperty("queries").EnumerateArray()];
        Assert.Equal(8, queries.Length);
        Assert.Equal("红色的鱼", queries[0].GetProperty("text").GetString());
        Assert.All(queries, RequireHits);
        RequireHits(shown.GetProperty("pictureQuery"));
        JsonElement heldOut = shown.GetProperty("heldOut");
        Assert.Equal(100, heldOut.GetProperty("pictures").GetInt32());
        Assert.InRange(heldOut.GetProperty("longCaption").GetProperty("r10").GetDouble(), 0.2, 1);
        Assert.InRange(heldOut.GetProperty("shortQueryPrecisionAt10").GetDouble(), 0.2, 1);
        Assert.InRange(heldOut.GetProperty("twoWay").GetProperty("kind").GetDouble(), 0.6, 1);
        foreach (string figure in new[] { "color", "count", "relation", "swap" })
        {
            Assert.True(heldOut.GetProperty("twoWay").TryGetProperty(figure, out _), figure);
        }

        await using CliProcess second = CliProcess.Start([.. args, "0"]);
        JsonElement again = (await second.EndAsync()).Done().Json();
        Assert.True(again.GetProperty("alreadyIndexed").GetBoolean());
        Assert.Equal(JsonSerializer.Serialize(shown.GetProperty("queries")), JsonSerializer.Serialize(again.GetProperty("queries")));
    }

    [Fact]
    public async Task Demo_PortInUse_SaysSoBeforeAnyWork()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        string data = Path.Combine(TestHome.NewDirectory(), "untouched");

        CliRun run = await CliRun.OfAsync("demo", "--once", "--port", $"{port}", "--data", data);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"Port {port} cannot be listened on", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(data));
    }

    [Fact]
    public async Task Demo_DataInUse_SaysSoInOneLine()
    {
        string data = TestHome.NewDirectory();
        await using FileShardStorage other = FileShardStorage.Open(new FileStorageOptions { Directory = Path.Combine(data, "storage") });

        // A process of its own: what is left of a silo whose start failed ends with the process only.
        await using CliProcess process = CliProcess.Start("demo", "--once", "--port", "0", "--data", data);
        CliRun run = await process.EndAsync();

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("is in use by another process", Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static void RequireHits(JsonElement query)
    {
        JsonElement[] hits = [.. query.GetProperty("hits").EnumerateArray()];
        Assert.Equal(5, hits.Length);
        float[] scores = [.. hits.Select(hit => hit.GetProperty("score").GetSingle())];
        Assert.Equal(scores.OrderDescending(), scores);
        Assert.All(hits, hit => Assert.Matches("^p[0-9]{5}$", hit.GetProperty("id").GetString()));
        Assert.All(hits, hit => Assert.NotEmpty(hit.GetProperty("caption").GetString()!));
    }
}
