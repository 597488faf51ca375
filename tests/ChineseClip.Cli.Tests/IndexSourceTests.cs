using System.Text.Json;
using ChineseClip.Cli.Indexing;
using ChineseClip.Contracts;
using ChineseClip.Demo;
using ChineseClip.Model;

namespace ChineseClip.Cli.Tests;

/// <summary><c>index</c> of files: JSON Lines, OFA-Sys' base64 and NumPy vectors.</summary>
public sealed class IndexSourceTests
{
    [Fact]
    public async Task Index_EveryFileForm_StoresReportsAndResumes()
    {
        string folder = TestHome.NewDirectory();
        DemoPicture[] pictures = [.. DemoPictures.Gallery(3)];
        DemoPictures.WriteFiles(Path.Combine(folder, "图"), pictures, CliRun.Token);
        string[] files = [.. pictures.Select(picture => Path.Combine(folder, "图", picture.FileName))];
        string[] base64 = [.. files.Select(file => Convert.ToBase64String(File.ReadAllBytes(file)))];
        await using CliProcess process = CliProcess.Start(
            "serve", "--urls", "http://127.0.0.1:0", "--data", TestHome.NewDirectory(), "--Logging:LogLevel:Default", "Warning");
        string server = (await process.ServingAsync()).AbsoluteUri;
        (await CliRun.OfAsync("collection", "create", "c", "--model", "demo", "--server", server)).Done();
        int dimension = (await CliRun.OfAsync("collection", "info", "c", "--server", server, "--json")).Done().Json().GetProperty("dimension").GetInt32();
        float[] vector = [.. Enumerable.Range(0, dimension).Select(i => i == 0 ? 2f : 0f)];
        float[] other = [.. Enumerable.Range(0, dimension).Select(i => i == 1 ? -1f : 0f)];
        string lines = Path.Combine(folder, "items.jsonl");
        await File.WriteAllLinesAsync(
            lines,
            [
                JsonSerializer.Serialize(new { id = "file", image = "图/" + pictures[0].FileName, payload = new { color = "红" } }),
                JsonSerializer.Serialize(new { id = "data", image = "data:image/png;base64," + base64[1] }),
                string.Empty,
                JsonSerializer.Serialize(new { id = 7, text = "一只猫" }),
                JsonSerializer.Serialize(new { id = "vector", vector }),
                JsonSerializer.Serialize(new { id = "gone", image = "图/gone.jpg" }),
                JsonSerializer.Serialize(new { id = "short", vector = new[] { 1f } }),
                "{\"id\": \"both\", \"text\": \"a\", \"vector\": [1]}",
                "no json",
            ],
            CliRun.Token);
        string report = Path.Combine(folder, "failures.jsonl");

        CliRun first = await IndexAsync(lines, "--report", report);
        Assert.Equal((1, 4, 0, 4), Counts(first));
        string[] failures = [.. (await File.ReadAllLinesAsync(report, CliRun.Token)).Order(StringComparer.Ordinal)];
        Assert.Equal(4, failures.Length);
        Assert.Contains("line 9", failures[0], StringComparison.Ordinal);
        Assert.Contains("\"id\":\"both\"", failures[1], StringComparison.Ordinal);
        Assert.Contains("neither a file in", failures[2], StringComparison.Ordinal);
        Assert.Contains("\"id\":\"short\"", failures[3], StringComparison.Ordinal);
        Assert.Equal((1, 0, 4, 4), Counts(await IndexAsync(lines, "--resume")));
        Assert.Equal("file", await NearestAsync("--image", files[0]));
        Assert.Equal("data", await NearestAsync("--image", files[1]));
        Assert.Equal("7", await NearestAsync("--text", "一只猫"));

        string tsv = Path.Combine(folder, "pictures.tsv");
        string urlSafe = base64[2].TrimEnd('=').Replace('+', '-').Replace('/', '_');
        await File.WriteAllLinesAsync(tsv, ["100\t" + urlSafe, "101", "102\t*"], CliRun.Token);
        Assert.Equal((1, 1, 0, 2), Counts(await IndexAsync(tsv)));
        Assert.Equal("100", await NearestAsync("--image", files[2]));

        string npy = Path.Combine(folder, "vectors.npy");
        string ids = Path.Combine(folder, "ids.txt");
        Npy.Write(npy, [.. vector, .. other], [2, dimension]);
        await File.WriteAllLinesAsync(ids, ["v0", "v1"], CliRun.Token);
        Assert.Equal((0, 2, 0, 0), Counts(await IndexAsync(npy, "--ids", ids)));
        Assert.Equal((0, 0, 2, 0), Counts(await IndexAsync(npy, "--ids", ids, "--resume")));
        Npy.Write(npy, [.. vector, .. vector], [2, dimension]);
        Assert.Equal((0, 1, 1, 0), Counts(await IndexAsync(npy, "--ids", ids, "--resume")));
        Npy.Write(npy, [1, 2], [2, 1]);
        CliRun refused = await CliRun.OfAsync("index", npy, "--ids", ids, "--collection", "c", "--server", server);
        Assert.Contains($"holds vectors of 1 dimensions and 'c' takes {dimension}", refused.Error, StringComparison.Ordinal);

        Task<CliRun> IndexAsync(string source, params string[] more) =>
            CliRun.OfAsync(["index", source, "--collection", "c", "--batch", "3", "--server", server, "--json", .. more]);

        async Task<string?> NearestAsync(params string[] query)
        {
            CliRun run = (await CliRun.OfAsync(["search", "--collection", "c", "-k", "1", "--server", server, "--json", .. query])).Done();
            return run.Json().GetProperty("hits")[0].GetProperty("id").GetString();
        }
    }

    [Theory]
    [InlineData(2, 3, "'<f4'", 24, "has 2 ids and", 3)]
    [InlineData(2, 3, "'<f4'", 20, "has 20 bytes of values; shape (2, 3) needs 24", 2)]
    [InlineData(2, 3, "'<i4'", 24, "must be of '<f2', '<f4' or '<f8', in C order", 2)]
    public async Task Index_WrongNpy_IsRefusedBeforeAnythingIsSent(int rows, int dimension, string type, int bytes, string detail, int arrayRows)
    {
        string npy = Path.Combine(TestHome.NewDirectory(), "v.npy");
        string ids = npy + ".txt";
        byte[] header = System.Text.Encoding.ASCII.GetBytes(
            $"{{'descr': {type}, 'fortran_order': False, 'shape': ({arrayRows}, {dimension}), }}\n");
        int valueBytes = bytes + ((arrayRows - rows) * dimension * sizeof(float));
        await File.WriteAllBytesAsync(
            npy, [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. new byte[valueBytes]], CliRun.Token);
        await File.WriteAllLinesAsync(ids, Enumerable.Range(0, rows).Select(i => $"{i}"), CliRun.Token);

        CliRun run = await CliRun.OfAsync("index", npy, "--ids", ids, "--collection", "c");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(detail, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Index_NpyWithoutIds_IsAWrongCommandLine()
    {
        CliRun run = await CliRun.OfAsync("index", "v.npy", "--collection", "c");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("must come with --ids FILE", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(8, 8)]
    public async Task NpySource_HalvesAndDoubles_AreReadAsFloats(int valueBytes, int typeDigit)
    {
        string npy = Path.Combine(TestHome.NewDirectory(), "v.npy");
        await File.WriteAllLinesAsync(npy + ".txt", ["a", "b"], CliRun.Token);
        byte[] header = System.Text.Encoding.ASCII.GetBytes($"{{'descr': '<f{typeDigit}', 'fortran_order': False, 'shape': (2, 2), }}\n");
        double[] values = [0.5, -1, 2, 0.25];
        IEnumerable<byte> bytes = values.SelectMany(value => valueBytes == 2 ? BitConverter.GetBytes((Half)value) : BitConverter.GetBytes(value));
        await File.WriteAllBytesAsync(npy, [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. header, .. bytes], CliRun.Token);

        List<float> read = [];
        foreach (IndexEntry entry in IndexSource.Open(npy, npy + ".txt").Entries())
        {
            PutItem item = await entry.LoadAsync(CliRun.Token);
            read.AddRange(item.Vector!);
        }

        Assert.Equal([0.5f, -1f, 2f, 0.25f], read);
    }

    private static (int ExitCode, int Indexed, int Already, int Failed) Counts(CliRun run)
    {
        Assert.False(run.Output.Length == 0, run.Error);
        JsonElement json = run.Json();
        return (run.ExitCode, Count("indexed"), Count("alreadyIndexed"), Count("failed"));

        int Count(string name) => json.GetProperty(name).GetInt32();
    }
}
