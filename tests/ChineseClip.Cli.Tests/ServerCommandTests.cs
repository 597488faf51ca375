using System.Text.Json;
using ChineseClip.Demo;

namespace ChineseClip.Cli.Tests;

/// <summary>Commands that talk to a server, against one in a process of its own.</summary>
public sealed class ServerCommandTests
{
    [Fact]
    public async Task FolderOfPictures_IndexedKilledAndResumed_IsSearchedAndDeleted()
    {
        string folder = TestHome.NewDirectory();
        IReadOnlyList<DemoPicture> pictures = DemoPictures.Gallery(20);
        DemoPictures.WriteFiles(folder, pictures.Take(10), CliRun.Token);
        DemoPictures.WriteFiles(Path.Combine(folder, "更多"), pictures.Skip(10), CliRun.Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "text.jpg"), "This is no picture.", CliRun.Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "notes.txt"), "Not named as a picture.", CliRun.Token);
        string report = Path.Combine(TestHome.NewDirectory(), "failures.jsonl");
        string[] serve = ["serve", "--urls", "http://127.0.0.1:0", "--data", TestHome.NewDirectory(), "--Logging:LogLevel:Default", "Warning"];

        await using CliProcess first = CliProcess.Start(serve);
        string server = (await first.ServingAsync()).AbsoluteUri;
        (await CliRun.OfAsync("collection", "create", "图库", "--model", "demo", "--shards", "2", "--server", server)).Done();
        CliRun twice = await CliRun.OfAsync("collection", "create", "图库", "--model", "demo", "--server", server);
        Assert.Equal(1, twice.ExitCode);
        Assert.Contains("[conflict]", twice.Error, StringComparison.Ordinal);

        CliRun indexed = await CliRun.OfAsync(
            "index", folder, "--collection", "图库", "--batch", "4", "--report", report, "--server", server, "--json");
        Assert.Equal(1, indexed.ExitCode);
        Assert.Contains($"1 pictures could not be indexed; they are listed in {report}", indexed.Error, StringComparison.Ordinal);
        Assert.Equal((20, 0, 1, 1), Counts(indexed));
        string failure = Assert.Single(await File.ReadAllLinesAsync(report, CliRun.Token));
        Assert.Contains("\"id\":\"text.jpg\"", failure, StringComparison.Ordinal);

        await first.KillAsync();
        await using CliProcess second = CliProcess.Start(serve);
        server = (await second.ServingAsync()).AbsoluteUri;
        JsonElement info = (await CliRun.OfAsync("collection", "info", "图库", "--json", "--server", server)).Done().Json();
        Assert.Equal(20, info.GetProperty("itemCount").GetInt32());

        JsonElement found = (await CliRun.OfAsync(
            "search", "--collection", "图库", "--image", Path.Combine(folder, "更多", pictures[15].FileName), "-k", "3", "--json", "--server", server)).Done().Json();
        JsonElement best = found.GetProperty("hits")[0];
        Assert.Equal("更多/" + pictures[15].FileName, best.GetProperty("id").GetString());
        Assert.Equal(1, best.GetProperty("score").GetDouble(), 1e-3);
        CliRun table = (await CliRun.OfAsync("search", "--collection", "图库", "--text", "红色的鱼", "--server", server)).Done();
        Assert.Contains("10 hits from 2 of 2 shards", table.Output, StringComparison.Ordinal);

        (await CliRun.OfAsync("collection", "delete", "图库", "--server", server)).Done();
        Assert.Contains("no collections", (await CliRun.OfAsync("collection", "list", "--server", server)).Done().Output, StringComparison.Ordinal);
        Assert.Equal(0, await second.InterruptAsync());
    }

    [Fact]
    public async Task Snapshot_CreatedListedRestoredExportedImported_AliasMovedToIt()
    {
        string folder = TestHome.NewDirectory();
        DemoPictures.WriteFiles(folder, DemoPictures.Gallery(6), CliRun.Token);
        await using CliProcess process = CliProcess.Start(
            "serve", "--urls", "http://127.0.0.1:0", "--data", TestHome.NewDirectory(), "--Logging:LogLevel:Default", "Warning",
            "--Snapshots:ExchangeDirectory", TestHome.NewDirectory());
        string[] at = ["--json", "--server", (await process.ServingAsync()).AbsoluteUri];
        (await CliRun.OfAsync(["collection", "create", "c", "--model", "demo", .. at])).Done();
        (await CliRun.OfAsync(["index", folder, "--collection", "c", .. at])).Done();

        JsonElement taken = (await CliRun.OfAsync(["snapshot", "create", "--collection", "c", .. at])).Done().Json();
        string id = taken.GetProperty("id").GetString()!;
        Assert.Equal(6, taken.GetProperty("itemCount").GetInt32());
        JsonElement list = (await CliRun.OfAsync(["snapshot", "list", "--collection", "c", .. at])).Done().Json();
        Assert.Equal(id, list.GetProperty("snapshots")[0].GetProperty("id").GetString());
        JsonElement restored = (await CliRun.OfAsync(["snapshot", "restore", "--collection", "c", "--as", "d", .. at])).Done().Json();
        Assert.Equal(("d", 6), (restored.GetProperty("name").GetString(), restored.GetProperty("itemCount").GetInt32()));
        (await CliRun.OfAsync(["alias", "set", "now", "--collection", "d", .. at])).Done();
        JsonElement found = (await CliRun.OfAsync(["search", "--collection", "now", "--text", "红色的鱼", .. at])).Done().Json();
        Assert.Equal(6, found.GetProperty("hits").GetArrayLength());

        (await CliRun.OfAsync(["snapshot", "export", "--collection", "c", "--id", id, "--to", "out", .. at])).Done();
        JsonElement imported = (await CliRun.OfAsync(["snapshot", "import", "--collection", "e", "--from", "out", .. at])).Done().Json();
        Assert.Equal(6, imported.GetProperty("itemCount").GetInt32());
        (await CliRun.OfAsync(["snapshot", "delete", "--collection", "c", "--id", id, .. at])).Done();
        CliRun none = await CliRun.OfAsync(["snapshot", "restore", "--collection", "c", .. at]);
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("no snapshots", none.Error, StringComparison.Ordinal);
        (await CliRun.OfAsync(["alias", "delete", "now", .. at])).Done();
        Assert.Empty((await CliRun.OfAsync(["alias", "list", .. at])).Done().Json().GetProperty("aliases").EnumerateArray());
    }

    [Fact]
    public async Task Index_Resume_LeavesOutWhatIsThere()
    {
        string folder = TestHome.NewDirectory();
        IReadOnlyList<DemoPicture> pictures = DemoPictures.Gallery(9);
        DemoPictures.WriteFiles(folder, pictures.Take(6), CliRun.Token);
        await using CliProcess process = CliProcess.Start(
            "serve", "--urls", "http://127.0.0.1:0", "--data", TestHome.NewDirectory(), "--Logging:LogLevel:Default", "Warning");
        string server = (await process.ServingAsync()).AbsoluteUri;
        (await CliRun.OfAsync("collection", "create", "c", "--model", "demo", "--server", server)).Done();
        string[] index = ["index", folder, "--collection", "c", "--server", server, "--json"];

        Assert.Equal((6, 0, 0, 0), Counts((await CliRun.OfAsync(index)).Done()));
        DemoPictures.WriteFiles(folder, pictures.Skip(6), CliRun.Token);
        Assert.Equal((3, 6, 0, 0), Counts((await CliRun.OfAsync([.. index, "--resume"])).Done()));
        Assert.Equal((0, 9, 0, 0), Counts((await CliRun.OfAsync([.. index, "--resume"])).Done()));
        Assert.Equal((9, 0, 0, 0), Counts((await CliRun.OfAsync(index)).Done()));
        JsonElement listed = (await CliRun.OfAsync("collection", "list", "--json", "--server", server)).Done().Json();
        Assert.Equal(9, listed.GetProperty("collections")[0].GetProperty("itemCount").GetInt32());
    }

    private static (int Indexed, int Already, int Failed, int Others) Counts(CliRun run)
    {
        JsonElement json = run.Json();
        return (Count("indexed"), Count("alreadyIndexed"), Count("failed"), Count("notPictures"));

        int Count(string name) => json.GetProperty(name).GetInt32();
    }
}
