using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Collections;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Shards;
using ChineseClip.Grains.Shards.Snapshots;
using ChineseClip.Storage;
using ChineseClip.Storage.Files;
using ChineseClip.Vectors;
using Microsoft.Extensions.Logging.Abstractions;

namespace ChineseClip.Grains.Tests;

/// <summary>
/// How long a shard of 200,000 × 512 takes from its snapshot to its first answer, and how long reading the same bytes takes. Run by hand, with
/// <see cref="Command"/>; the file named by <c>SNAPSHOT_REPORT</c> is what docs/benchmarks keeps.
/// </summary>
public sealed class SnapshotStartMeasurement
{
    private const string Command = "SNAPSHOT_REPORT=docs/benchmarks/snapshot-start.json tests/ChineseClip.Grains.Tests/bin/Release/net10.0/"
        + "ChineseClip.Grains.Tests --filter-class '*SnapshotStartMeasurement' --explicit only --output Detailed";
    private const int Dimension = 512;
    private const int Block = 10_000;

    private static readonly JsonSerializerOptions Json =
        new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Start_FromASnapshot_ComparedWithReadingItsBytes()
    {
        int count = int.Parse(Environment.GetEnvironmentVariable("SNAPSHOT_ITEMS") ?? "200000", CultureInfo.InvariantCulture);
        DirectoryInfo directory = Directory.CreateTempSubdirectory("chineseclip-start-");
        try
        {
            await using FileShardStorage storage = FileShardStorage.Open(new FileStorageOptions { Directory = directory.FullName });
            CollectionDefinition definition = new()
            {
                Name = "c",
                Dimension = Dimension,
                Shards = 1,
                Replicas = 1,
                M = 16,
                EfConstruction = 32,    // a quick graph of the same size as a good one
                Quantization = "sq7",
                CreatedAt = DateTimeOffset.UnixEpoch,
                Incarnation = Guid.NewGuid(),
                RestoredFrom = "measurement",
            };
            string files = await PublishAsync(storage, definition, count);
            double[] read = new double[3];
            double[] open = new double[3];
            double[] search = new double[3];
            long bytes = 0;
            for (int round = 0; round < open.Length; round++)
            {
                long start = Stopwatch.GetTimestamp();
                bytes = ReadAll(files);
                read[round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
                start = Stopwatch.GetTimestamp();
                await using OpenShard shard = await OpenShard.OpenAsync(
                    new ShardHost(storage, new SnapshotOptions(), new LearningOptions(), TimeProvider.System, NullLogger.Instance),
                    definition, 0, Token);
                open[round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
                start = Stopwatch.GetTimestamp();
                ShardSearchAnswer answer = shard.Contents.Search(
                    new ShardSearch { Incarnation = definition.Incarnation, Vector = Vector(new Random(1)), K = 10, Ef = 64 }, Token);
                search[round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
                Assert.Equal((10, count), (answer.Hits.Length, shard.Contents.Count));
            }

            string line = string.Create(
                CultureInfo.InvariantCulture,
                $"{count} x {Dimension}: {bytes >> 20} MiB; read {Text(read)} s; open {Text(open)} s; first search {Text(search)} s; open/read {open.Min() / read.Min():0.00}");
            TestContext.Current.TestOutputHelper!.WriteLine(line);
            if (Environment.GetEnvironmentVariable("SNAPSHOT_REPORT") is { Length: > 0 } report)
            {
                object content = new
                {
                    Command,
                    Commit = await RunAsync("git", "describe --always --dirty"),
                    MeasuredAt = DateTimeOffset.UtcNow,
                    Machine = $"{Processor()}, {Environment.ProcessorCount} processors, load {await LoadAsync()}; files in the page cache",
                    Result = new
                    {
                        Items = count,
                        Dimension,
                        definition.Quantization,
                        Bytes = bytes,
                        ReadSeconds = Rounded(read),
                        OpenSeconds = Rounded(open),
                        FirstSearchSeconds = Rounded(search),
                        OpenToRead = Math.Round(open.Min() / read.Min(), 2),
                        Note = "open = lease, checksums of every byte, entries, an empty log; the graph was built with efConstruction 32, which does not change its size",
                    },
                };
                await File.WriteAllTextAsync(report, JsonSerializer.Serialize(content, Json) + "\n", Token);
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static double[] Rounded(double[] seconds) => [.. seconds.Select(value => Math.Round(value, 3))];

    private static string Processor() => File.ReadLines("/proc/cpuinfo")
        .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";

    private static async Task<string> LoadAsync() => (await File.ReadAllTextAsync("/proc/loadavg", Token)).Split(' ')[0];

    private static async Task<string> RunAsync(string program, string arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string answer = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return process.ExitCode == 0 ? answer.Trim() : "unknown";
    }

    private static string Text(double[] seconds) =>
        string.Join('/', seconds.Select(value => value.ToString("0.000", CultureInfo.InvariantCulture)));

    private static async Task<string> PublishAsync(FileShardStorage storage, CollectionDefinition definition, int count)
    {
        string key = OpenShard.StorageKey(definition, 0);
        using HnswIndex index = new(CollectionRules.IndexParameters(definition));
        Random random = new(7);
        List<ShardEntry> entries = new(count);
        for (int from = 0; from < count; from += Block)
        {
            float[] rows = new float[Math.Min(Block, count - from) * Dimension];
            for (int i = 0; i < rows.Length / Dimension; i++)
            {
                Vector(random).CopyTo(rows.AsSpan(i * Dimension, Dimension));
            }

            int[] ordinals = new int[rows.Length / Dimension];
            index.AddRange(rows, ordinals, cancellationToken: Token);
            foreach (int ordinal in ordinals)
            {
                string id = string.Create(CultureInfo.InvariantCulture, $"pictures/2026/{ordinal:D9}.jpg");
                byte[] payload = Encoding.UTF8.GetBytes(string.Create(
                    CultureInfo.InvariantCulture, $$"""{"caption":"一只红色的鸟","width":1024,"height":768,"number":{{ordinal}}}"""));
                entries.Add(new ShardEntry(id, entries.Count, ordinal, payload));
            }
        }

        string work = storage.Snapshots.CreateWorkDirectory(key);
        using (ShardImage image = new(index.BeginSnapshot(), [.. entries], [], 0))
        {
            SnapshotLayout.Write(work, image, null, Token);
        }

        await using IShardLog log = await storage.OpenLogAsync(key, Token);
        SnapshotDescription published = await storage.Snapshots.PublishAsync(
            key, log.Epoch, 0, work, SnapshotProperties.Of(definition, count, null), Token);
        using OpenedSnapshot opened = await storage.Snapshots.OpenAsync(key, published.Id, Token);
        return opened.Directory;
    }

    private static long ReadAll(string directory)
    {
        byte[] buffer = new byte[1 << 20];
        long bytes = 0;
        foreach (string file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            for (int n = stream.Read(buffer); n > 0; n = stream.Read(buffer))
            {
                bytes += n;
            }
        }

        return bytes;
    }

    private static EmbeddingVector Vector(Random random)
    {
        float[] values = [.. Enumerable.Range(0, Dimension).Select(_ => (float)(random.NextDouble() - 0.5))];
        VectorMath.Normalize(values);
        return EmbeddingVector.From(values);
    }
}
