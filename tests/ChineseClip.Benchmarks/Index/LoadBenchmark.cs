using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using ChineseClip.Vectors;
using ChineseClip.Vectors.Persistence;
using Microsoft.Win32.SafeHandles;

namespace ChineseClip.Benchmarks.Index;

/// <summary>
/// Writes snapshots beside a writer, then opens one: how long the writer waits, what a second snapshot writes, and how soon the index
/// is searched after it is opened, against reading the same bytes. Prints JSON.
/// </summary>
internal static partial class LoadBenchmark
{
    private const int ChangedShare = 100;    // one in so many is replaced between the snapshots
    private const int DropFromCache = 4;
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static int Run(ReadOnlySpan<string> args)
    {
        IndexBenchmarkOptions options = IndexBenchmarkOptions.Parse(args);
        BenchmarkData.Use(options, data =>
        {
            string directory = Path.Combine(data.Directory, "snapshots");
            Directory.CreateDirectory(directory);
            try
            {
                MachineWatch watch = new();
                using MeasuredIndex measured = new(options.ToParameters(), data.Vectors, Environment.ProcessorCount);
                object write = Write(measured.Index, data, directory, out string last);
                object open = Open(measured, options, data, last);
                string report = JsonSerializer.Serialize(
                    new { Vectors = options.N, options.Dim, options.Quantization, write, open, Machine = watch.Stop() }, Json);
                Console.WriteLine(report);
                if (options.Out.Length > 0)
                {
                    File.WriteAllText(options.Out, report + "\n");
                }
            }
            finally
            {
                Directory.Delete(directory, recursive: true);
            }
        });
        return 0;
    }

    private static object Write(HnswIndex index, BenchmarkData data, string directory, out string last)
    {
        string first = Path.Combine(directory, "first");
        last = Path.Combine(directory, "second");
        Snapshot(index, Path.Combine(directory, "warm-up"), previous: null);
        (double idle, double longestIdleWait) = Replace(index, data, 0, CancellationToken.None);
        using CancellationTokenSource done = new();
        double longestWait = 0;
        double beside = 0;
        Thread writer = new(() => (beside, longestWait) = Replace(index, data, data.Base.Length / ChangedShare, done.Token));
        writer.Start();
        var whole = Snapshot(index, first, previous: null);
        done.Cancel();
        writer.Join();
        Replace(index, data, 0, CancellationToken.None);
        var changed = Snapshot(index, last, first);
        return new
        {
            Whole = whole,
            AfterOnePercentReplaced = changed,
            ReplacementsPerSecondBefore = idle,
            ReplacementsPerSecondBeside = beside,
            LongestReplacementBeforeMilliseconds = longestIdleWait,
            LongestReplacementBesideMilliseconds = longestWait,
        };
    }

    private static object Open(MeasuredIndex measured, IndexBenchmarkOptions options, BenchmarkData data, string directory)
    {
        double readCold = Milliseconds(() => ReadAll(directory, dropFirst: true));
        double read = Best(() => ReadAll(directory, dropFirst: false));
        double openCold = Milliseconds(() => OpenAndSearch(data, directory, IndexVerification.Checksums, dropFirst: true));
        double open = Best(() => OpenAndSearch(data, directory, IndexVerification.Checksums, dropFirst: false));
        double openUnverified = Best(() => OpenAndSearch(data, directory, IndexVerification.Lengths, dropFirst: false));
        using HnswIndex opened = HnswIndex.Open(directory);
        return new
        {
            Bytes = Directory.GetFiles(directory).Sum(file => new FileInfo(file).Length),
            Files = Directory.GetFiles(directory).Length,
            ReadColdMilliseconds = readCold,
            ReadMilliseconds = read,
            SearchedColdMilliseconds = openCold,
            SearchedMilliseconds = open,
            SearchedWithoutChecksumsMilliseconds = openUnverified,
            PictureQpsCpuBefore = Qps(measured.Index, data, options),
            PictureQpsCpuOpened = Qps(opened, data, options),
        };
    }

    // Removes and adds again, one by one; returns how many a second and the longest that one took, in milliseconds.
    private static (double PerSecond, double LongestMilliseconds) Replace(HnswIndex index, BenchmarkData data, int start, CancellationToken until)
    {
        Stopwatch wall = Stopwatch.StartNew();
        double longest = 0;
        int count = 0;
        int atMost = until.CanBeCanceled ? int.MaxValue : data.Base.Length / ChangedShare;
        for (; count < atMost && !until.IsCancellationRequested; count++)
        {
            double began = wall.Elapsed.TotalMilliseconds;
            float[] vector = data.Base[(start + count) % data.Base.Length];
            ScoredOrdinal[] nearest = new ScoredOrdinal[1];
            index.Search(vector, 32, nearest, cancellationToken: CancellationToken.None);
            index.Remove(nearest[0].Ordinal);
            index.Add(vector);
            longest = Math.Max(longest, wall.Elapsed.TotalMilliseconds - began);
        }
        return (Math.Round(count / wall.Elapsed.TotalSeconds), Math.Round(longest, 2));
    }

    private static SnapshotTimes Snapshot(HnswIndex index, string directory, string? previous)
    {
        Stopwatch wall = Stopwatch.StartNew();
        using IndexSnapshot snapshot = index.BeginSnapshot();
        double begin = wall.Elapsed.TotalMilliseconds;
        IndexSnapshotReport report = snapshot.Write(directory, previous);
        return new SnapshotTimes(Math.Round(begin, 2), Math.Round(wall.Elapsed.TotalSeconds, 2), report.WrittenBytes, report.LinkedBytes);
    }

    private static void ReadAll(string directory, bool dropFirst)
    {
        DropCaches(directory, dropFirst);
        byte[] buffer = new byte[1 << 20];
        foreach (string path in Directory.GetFiles(directory))
        {
            using SafeFileHandle file = File.OpenHandle(path);
            long offset = 0;
            for (int count; (count = RandomAccess.Read(file, buffer, offset)) > 0; offset += count)
            {
            }
        }
    }

    private static void OpenAndSearch(BenchmarkData data, string directory, IndexVerification verification, bool dropFirst)
    {
        DropCaches(directory, dropFirst);
        using HnswIndex index = HnswIndex.Open(directory, new HnswOpenOptions { Verification = verification });
        index.Search(data.Queries["picture"][0], 64, new ScoredOrdinal[10]);
    }

    // The pages of the files leave the page cache, so that they come from the disk (as far as the disk itself keeps none).
    private static void DropCaches(string directory, bool drop)
    {
        if (drop && OperatingSystem.IsLinux())
        {
            foreach (string path in Directory.GetFiles(directory))
            {
                using SafeFileHandle file = File.OpenHandle(path);
                _ = Advise((int)file.DangerousGetHandle(), 0, 0, DropFromCache);
            }
        }
    }

    private static double Qps(HnswIndex index, BenchmarkData data, IndexBenchmarkOptions options)
    {
        float[][] queries = data.Queries["picture"];
        ScoredOrdinal[] hits = new ScoredOrdinal[options.K];
        double best = double.MaxValue;
        for (int round = 0; round < 8; round++)
        {
            double start = CpuClock.Seconds;
            foreach (float[] query in queries)
            {
                index.Search(query, 64, hits);
            }
            best = Math.Min(best, CpuClock.Seconds - start);
        }
        return Math.Round(queries.Length / best);
    }

    private static double Milliseconds(Action work)
    {
        Stopwatch wall = Stopwatch.StartNew();
        work();
        return Math.Round(wall.Elapsed.TotalMilliseconds, 1);
    }

    private static double Best(Action work) => Enumerable.Range(0, 5).Min(_ => Milliseconds(work));

    private sealed record SnapshotTimes(double BeginMilliseconds, double Seconds, long WrittenBytes, long LinkedBytes);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(int file, long offset, long length, int advice);
}
