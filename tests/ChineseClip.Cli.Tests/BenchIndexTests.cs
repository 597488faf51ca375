using System.Globalization;
using System.Text.Json;
using ChineseClip.Cli.Bench;
using ChineseClip.Vectors;

namespace ChineseClip.Cli.Tests;

/// <summary><c>bench index</c>, and the generator of its vectors.</summary>
public sealed class BenchIndexTests
{
    private readonly string _directory = TestHome.NewDirectory();

    /// <summary>First and last elements of rows that the original generator, in C++, wrote for seed 5 and 96 dimensions.</summary>
    [Fact]
    public void ClipWorkload_EqualsTheOriginalGenerator()
    {
        ClipWorkload workload = new(96, 5);

        AssertRow([0.0441366173f, 0.143339202f, 0.106505834f], workload.IndexedPicture(0)[..3]);
        AssertRow([-0.119645126f, -0.0351289958f, 0.10045173f], workload.IndexedPicture(19_999)[^3..]);
        AssertRow([-0.0433207862f, -0.181005418f, 0.0466144681f], workload.HeldOutPicture(0)[..3]);
        AssertRow([0.0413364172f, 0.0259188656f, 0.0365555882f], workload.HeldOutPicture(499)[^3..]);
        AssertRow([-0.0151625797f, 0.213486835f, 0.0053400225f], workload.HeldOutText(0)[..3]);
        AssertRow([0.0176200401f, -0.0603556819f, 0.0934848487f], workload.HeldOutText(499)[^3..]);
        AssertRow([-0.135013416f, 0.107306525f, 0.10659387f], workload.TrainingText(0)[..3]);
        AssertRow([-0.100837022f, -0.0237279348f, 0.0724237859f], workload.TrainingText(1999)[^3..]);
    }

    [Fact]
    public void ExactNeighbors_EqualsFlatIndex()
    {
        ClipWorkload workload = new(24, 1);
        VectorRows<float> vectors = VectorRows<float>.Create(700, 24, workload.IndexedPicture);
        VectorRows<float> queries = VectorRows<float>.Create(70, 24, workload.HeldOutText);
        FlatIndex flat = new(24);
        for (int i = 0; i < vectors.Count; i++)
        {
            flat.Add(vectors[i]);
        }
        OrdinalSet few = new([3, 5, 600]);

        VectorRows<int> all = ExactNeighbors.Find(vectors, queries, 10);
        VectorRows<int> filtered = ExactNeighbors.Find(vectors, queries, 5, few);

        ScoredOrdinal[] hits = new ScoredOrdinal[10];
        for (int q = 0; q < queries.Count; q++)
        {
            flat.SearchExact(queries[q], hits, cancellationToken: CliRun.Token);
            Assert.Equal(hits.Select(hit => hit.Ordinal), all[q].ToArray());
            int found = flat.SearchExact(queries[q], hits, few, CliRun.Token).Found;
            Assert.Equal([.. hits[..found].Select(hit => hit.Ordinal), -1, -1], filtered[q].ToArray());
        }
    }

    [Theory]
    [InlineData("none", 1)]
    [InlineData("sq7", 2)]
    [InlineData("sq7+s16", 1)]
    public async Task BenchIndex_Generated_PrintsTheFieldsOfTheContract(string quantization, int threads)
    {
        CliRun run = (await CliRun.OfAsync(
            "bench", "index", "--n", "1500", "--dim", "32", "--seed", "9", "--query-count", "60", "--train-texts", "100", "--ef", "16,400",
            "--repeats", "1", "--quantization", quantization, "--threads", threads.ToString(CultureInfo.InvariantCulture), "--json")).Done();

        JsonElement json = run.Json();
        Assert.True(json.GetProperty("build").GetProperty("cpuSeconds").GetDouble() > 0);
        Assert.True(json.GetProperty("build").GetProperty("wallSeconds").GetDouble() > 0);
        Assert.True(json.GetProperty("bytes").GetInt64() > 1500 * 32);
        Assert.True(json.GetProperty("learnSeconds").GetDouble() > 0);
        Assert.True(json.GetProperty("learning").GetProperty("edges").GetInt32() > 100);
        foreach (string curve in (string[])["curve", "textCurve"])
        {
            JsonElement[] points = [.. json.GetProperty(curve).EnumerateArray()];
            Assert.Equal([16, 400], points.Select(point => point.GetProperty("ef").GetInt32()));
            Assert.InRange(points[1].GetProperty("recall").GetDouble(), 0.98, 1);
            Assert.All(points, point => Assert.True(point.GetProperty("qpsCpu").GetDouble() > 0 && point.GetProperty("qpsWall").GetDouble() > 0));
        }
    }

    [Fact]
    public async Task BenchIndex_FromFiles_ReadsThemAndFilters()
    {
        (string vectors, string queries, string truth) = WriteFiles(count: 800, dimension: 20, neighbors: 100);

        JsonElement json = (await CliRun.OfAsync(
            "bench", "index", "--base", vectors, "--queries", queries, "--ground-truth", truth, "--train-queries", queries, "--ef", "300",
            "-k", "7", "--repeats", "1", "--filter-selectivity", "0.5", "--json")).Done().Json();
        CliRun table = (await CliRun.OfAsync(
            "bench", "index", "--base", vectors, "--queries", queries, "--ef", "300", "-k", "800", "--repeats", "1")).Done();

        Assert.InRange(json.GetProperty("curve")[0].GetProperty("recall").GetDouble(), 0.99, 1);
        Assert.InRange(json.GetProperty("filter").GetProperty("curveUnfiltered")[0].GetProperty("recall").GetDouble(), 0.99, 1);
        Assert.InRange(json.GetProperty("filter").GetProperty("matching").GetInt32(), 300, 500);
        Assert.Equal(800, json.GetProperty("workload").GetProperty("vectors").GetInt32());
        Assert.Contains("1.0000", table.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BenchIndex_Normalize_TakesRowsOfAnyLength()
    {
        (string vectors, string queries, _) = WriteFiles(count: 300, dimension: 20, neighbors: 10, scale: 3);

        CliRun refused = await CliRun.OfAsync("bench", "index", "--base", vectors, "--queries", queries);
        JsonElement json = (await CliRun.OfAsync(
            "bench", "index", "--base", vectors, "--queries", queries, "--normalize", "--ef", "100", "--repeats", "1", "--json")).Done().Json();

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("must be 1 within 0.001; --normalize makes it so", refused.Error, StringComparison.Ordinal);
        Assert.InRange(json.GetProperty("curve")[0].GetProperty("recall").GetDouble(), 0.99, 1);
    }

    [Theory]
    [InlineData("vectors", 0, "must begin with the length of its first row")]
    [InlineData("vectors", 83, "has 83 bytes; must be a multiple of 84")]
    [InlineData("queries", 100, "must be a multiple of 84")]
    [InlineData("truth", 4, "must be a multiple of 44")]
    public async Task BenchIndex_WithAFileCutShort_NamesIt(string file, int length, string detail)
    {
        (string vectors, string queries, string truth) = WriteFiles(count: 300, dimension: 20, neighbors: 10);
        string cut = file switch { "vectors" => vectors, "queries" => queries, _ => truth };
        File.WriteAllBytes(cut, File.ReadAllBytes(cut)[..length]);

        CliRun run = await CliRun.OfAsync("bench", "index", "--base", vectors, "--queries", queries, "--ground-truth", truth);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(cut, run.Error, StringComparison.Ordinal);
        Assert.Contains(detail, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vectors", 0, 5000, "byte 0: the first row has 5000 elements; must be 1..4096")]
    [InlineData("vectors", 84 * 7, 21, "row 7 at byte 588: has 21 elements; must have 20")]
    [InlineData("vectors", (84 * 7) + 4, 0x7FC00000, "row 7 at byte 588: has length NaN")]
    [InlineData("truth", (44 * 2) + 8, 300, "row 2 at byte 88: has id 300; must be 0..299")]
    [InlineData("truth", (44 * 2) + 8, -1, "row 2 at byte 88: has id -1; must be 0..299")]
    public async Task BenchIndex_WithAWrongValue_NamesItsPlace(string file, int offset, int value, string detail)
    {
        (string vectors, string queries, string truth) = WriteFiles(count: 300, dimension: 20, neighbors: 10);
        string wrong = file == "vectors" ? vectors : truth;
        byte[] bytes = File.ReadAllBytes(wrong);
        BitConverter.TryWriteBytes(bytes.AsSpan(offset), value);
        File.WriteAllBytes(wrong, bytes);

        CliRun run = await CliRun.OfAsync("bench", "index", "--base", vectors, "--queries", queries, "--ground-truth", truth);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(detail, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task BenchIndex_WithFilesThatDoNotFitTogether_SaysWhy()
    {
        (string vectors, string queries, string truth) = WriteFiles(count: 300, dimension: 20, neighbors: 5);
        string other = Path.Combine(_directory, "other.fvecs");
        VectorFile.Write(other, VectorRows<float>.Create(10, 24, new ClipWorkload(24, 1).HeldOutText));

        CliRun fewNeighbors = await CliRun.OfAsync("bench", "index", "--base", vectors, "--queries", queries, "--ground-truth", truth);
        CliRun otherDimension = await CliRun.OfAsync("bench", "index", "--base", vectors, "--queries", other);
        CliRun otherTraining = await CliRun.OfAsync("bench", "index", "--base", vectors, "--queries", queries, "--train-queries", other);
        CliRun fewQueries = await CliRun.OfAsync("bench", "index", "--base", vectors, "--queries", vectors, "--ground-truth", truth);
        CliRun missing = await CliRun.OfAsync("bench", "index", "--base", vectors + "x", "--queries", queries);

        Assert.Contains("has 5 neighbours a query; must have at least -k, 10", fewNeighbors.Error, StringComparison.Ordinal);
        Assert.Contains("has rows of 24 elements; must have 20", otherDimension.Error, StringComparison.Ordinal);
        Assert.Contains("has rows of 24 elements; must have 20", otherTraining.Error, StringComparison.Ordinal);
        Assert.Contains("has 40 rows; must have 300, one for each query", fewQueries.Error, StringComparison.Ordinal);
        Assert.Contains(vectors + "x", missing.Error, StringComparison.Ordinal);
        Assert.All([fewNeighbors, otherDimension, otherTraining, fewQueries, missing], run => Assert.Equal(1, run.ExitCode));
    }

    [Theory]
    [InlineData("--base and --queries go together", "--base", "x")]
    [InlineData("--ground-truth goes with", "--ground-truth", "x")]
    [InlineData("--dim is for generated vectors", "--base", "x", "--queries", "y", "--dim", "3")]
    [InlineData("do not go together", "--train-queries", "x", "--train-texts", "3")]
    [InlineData("'x' must be a whole number", "--ef", "10,x")]
    [InlineData("--filter-selectivity is '0'", "--filter-selectivity", "0")]
    [InlineData("--threads is '0'", "--threads", "0")]
    [InlineData("--n is 5; must be at least -k, 10", "--n", "5")]
    [InlineData("pq", "--quantization", "pq")]
    public async Task BenchIndex_WithAWrongCommandLine_IsRefused(string detail, params string[] args)
    {
        CliRun run = await CliRun.OfAsync(["bench", "index", .. args]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains(detail, run.Error, StringComparison.Ordinal);
    }

    private (string Vectors, string Queries, string Truth) WriteFiles(int count, int dimension, int neighbors, float scale = 1)
    {
        ClipWorkload workload = new(dimension, 3);
        VectorRows<float> vectors = VectorRows<float>.Create(count, dimension, workload.IndexedPicture);
        VectorRows<float> queries = VectorRows<float>.Create(40, dimension, workload.HeldOutText);
        (string, string, string) files = (
            Path.Combine(_directory, "base.fvecs"), Path.Combine(_directory, "queries.fvecs"), Path.Combine(_directory, "truth.ivecs"));
        VectorFile.Write(files.Item3, ExactNeighbors.Find(vectors, queries, neighbors));
        VectorFile.Write(files.Item1, Scaled(vectors, scale));
        VectorFile.Write(files.Item2, Scaled(queries, scale));
        return files;
    }

    private static VectorRows<float> Scaled(VectorRows<float> rows, float scale) =>
        new(Array.ConvertAll(rows.All.ToArray(), element => element * scale), rows.Dimension);

    private static void AssertRow(float[] expected, float[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], 1e-6f);
        }
    }
}
