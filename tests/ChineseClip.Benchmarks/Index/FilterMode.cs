using System.Globalization;
using System.Text.Json;
using ChineseClip.Vectors;

namespace ChineseClip.Benchmarks.Index;

/// <summary>Filtered search at one effort, beside unfiltered search at the same and beside scans of what matches.</summary>
internal sealed record FilterPoint(
    string Kind, double Share, string Filter, string Place, int Queries, int Ef, double Recall, double VisitedPerQuery, double ScoredPerQuery,
    double UnfilteredVisited, double UnfilteredScored, double QpsCpu, double UnfilteredQpsCpu, double ScanQpsCpu, double ExactQpsCpu)
{
    public double ToUnfiltered { get; } = Math.Round(QpsCpu / UnfilteredQpsCpu, 3);

    public double ToScan { get; } = Math.Round(QpsCpu / Math.Max(ScanQpsCpu, ExactQpsCpu), 3);

    public double ToBetter { get; } = Math.Round(QpsCpu / Math.Max(UnfilteredQpsCpu, Math.Max(ScanQpsCpu, ExactQpsCpu)), 3);
}

/// <summary>
/// Filtered search: recall against the exact filtered answer, and speed beside the better of a scan and unfiltered search at the same
/// effort, for filters correlated and uncorrelated with the vectors.
/// </summary>
internal static class FilterMode
{
    private const int ScannedQueries = 20;
    private const int WarmUps = 5;
    private static readonly double[] DefaultShares = [0.001, 0.01, 0.1, 0.5, 0.9];
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static int Run(ReadOnlySpan<string> args)
    {
        IndexBenchmarkOptions options = IndexBenchmarkOptions.Parse(args);
        BenchmarkData.Use(options, data =>
        {
            using HnswIndex index = new(options.ToParameters());
            index.AddRange(data.Vectors.All, new int[options.N]);
            Measure(options, data, index);
        });
        return 0;
    }

    public static void Measure(IndexBenchmarkOptions options, BenchmarkData data, HnswIndex index)
    {
        double[] shares = options.FilterSelectivity.Length > 0 ? options.FilterSelectivity : DefaultShares;
        FilterCases cases = new(data, options.K);
        CorePin.Bind(options.Core);
        MachineWatch watch = new();
        List<FilterPoint> points = [];
        FilterCase first = cases.Of(data.Queries.Keys.First(), shares[0]).First();
        for (int i = 0; i < WarmUps; i++)
        {
            _ = Measure(options, index, "", first).Count();    // until all is compiled for good
        }
        foreach (string kind in data.Queries.Keys)
        {
            foreach (FilterCase filterCase in shares.SelectMany(share => cases.Of(kind, share)))
            {
                points.AddRange(Measure(options, index, kind, filterCase));
                points.TakeLast(options.Ef.Length).ToList().ForEach(Print);
            }
        }
        Publish(options, points, watch.Stop());
    }

    // The ways take turns, so that a machine that is slow for a while is so for all of them.
    private static IEnumerable<FilterPoint> Measure(IndexBenchmarkOptions options, HnswIndex index, string kind, FilterCase filterCase)
    {
        OrdinalSet filter = filterCase.Matching;
        QuerySet queries = filterCase.Queries;
        int k = options.K;
        foreach (int ef in options.Ef)
        {
            Timing exact = new(queries, ScannedQueries, k, (query, hits) => index.SearchExact(query, hits, filter));
            Timing scan = new(queries, ScannedQueries, k, (query, hits) => index.SearchCodes(query, hits, filter));
            Timing unfiltered = new(queries, queries.Vectors.Count, k, (query, hits) => index.Search(query, ef, hits));
            Timing filtered = new(queries, queries.Vectors.Count, k, (query, hits) => index.Search(query, ef, hits, filter));
            for (int repeat = 0; repeat < options.Repeats + 1; repeat++)
            {
                exact.Run();
                scan.Run();
                unfiltered.Run();
                filtered.Run();
            }
            yield return new FilterPoint(
                kind, (double)filter.Count / index.Count, filterCase.Filter, filterCase.Place, queries.Vectors.Count, ef,
                Math.Round(queries.Recall(filtered.Hits, k), 4), filtered.Visited, filtered.Scored, unfiltered.Visited, unfiltered.Scored,
                Math.Round(filtered.Qps), Math.Round(unfiltered.Qps), Math.Round(scan.Qps), Math.Round(exact.Qps));
        }
    }

    private static void Print(FilterPoint point) => Console.Error.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{point.Kind,-8}{point.Share,6:0.###} {point.Filter,-7}{point.Place,-11}ef {point.Ef,-4} recall {point.Recall:0.000}  "
        + $"rows {point.VisitedPerQuery,5} of {point.UnfilteredVisited,-4} scored {point.ScoredPerQuery,5} of {point.UnfilteredScored,-5} "
        + $"qps {point.QpsCpu,6}  x unfiltered {point.ToUnfiltered:0.00}  x scan {point.ToScan,6:0.00}  x better {point.ToBetter:0.00}"));

    private static void Publish(IndexBenchmarkOptions options, List<FilterPoint> points, MachineLoad machine)
    {
        Console.Error.WriteLine(machine);
        string report = JsonSerializer.Serialize(
            new
            {
                Command = "dotnet run -c Release --project tests/ChineseClip.Benchmarks -- " + string.Join(' ', Environment.GetCommandLineArgs()[1..]),
                Commit = IndexReport.CommitOrUnknown(),
                MeasuredAt = DateTimeOffset.UtcNow,
                machine,
                options.N,
                options.Dim,
                options.M,
                options.K,
                options.Seed,
                options.Quantization,
                points,
            }, Json);
        if (options.Out.Length > 0)
        {
            File.WriteAllText(options.Out, report + "\n");
        }
        else
        {
            Console.WriteLine(report);
        }
    }

    // The fastest of several runs over some queries.
    private sealed class Timing(
        QuerySet queries, int queryCount, int k, Func<ReadOnlySpan<float>, Span<ScoredOrdinal>, SearchStatistics> search)
    {
        private readonly int _count = Math.Min(queryCount, queries.Vectors.Count);
        private double _seconds = double.MaxValue;
        private long _visited;
        private long _scored;

        public ScoredOrdinal[] Hits { get; } = new ScoredOrdinal[queries.Vectors.Count * k];

        public double Qps => _count / _seconds;

        public double Visited => Math.Round((double)_visited / _count);

        public double Scored => Math.Round((double)_scored / _count);

        public void Run()
        {
            (_visited, _scored) = (0, 0);
            double start = CpuClock.Seconds;
            for (int q = 0; q < _count; q++)
            {
                SearchStatistics statistics = search(queries.Vectors[q], Hits.AsSpan(q * k, k));
                _visited += statistics.VisitedCount;
                _scored += statistics.ScoredCount;
            }
            _seconds = Math.Min(_seconds, CpuClock.Seconds - start);
        }
    }
}
