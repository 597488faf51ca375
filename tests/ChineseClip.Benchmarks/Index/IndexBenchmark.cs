namespace ChineseClip.Benchmarks.Index;

/// <summary>Recall and speed of the index on the generated workload, beside other libraries in the same run, on the same core.</summary>
/// <remarks>
/// Every engine is built first; then round after round each point is measured with one engine after the other, so that a slow minute of
/// the machine meets all of them, and the best round of each counts. An engine skips an effort when a smaller one found all but 0.05 %.
/// </remarks>
internal static class IndexBenchmark
{
    private const double EnoughRecall = 0.9995;

    public static int Run(ReadOnlySpan<string> args)
    {
        IndexBenchmarkOptions options = IndexBenchmarkOptions.Parse(args);
        BenchmarkData.Use(options, data =>
        {
            CorePin.Bind(options.Core);
            List<IEngine> engines = [];
            try
            {
                MachineWatch watch = new(() => engines.OfType<PeerEngine>().Sum(peer => peer.CpuSeconds));
                Start(options, data, engines);
                List<EngineResult> results = Measure(options, engines);
                IndexReport report = IndexReport.Create(options, results, watch.Stop());
                Publish(options, report);
            }
            finally
            {
                engines.ForEach(engine => engine.Dispose());
            }
        });
        return 0;
    }

    private static void Start(IndexBenchmarkOptions options, BenchmarkData data, List<IEngine> engines)
    {
        foreach (string quantization in options.Quantization.Split(','))
        {
            engines.Add(new OwnEngine(options, data, quantization, learn: false));
            if (data.Training is not null)
            {
                engines.Add(new OwnEngine(options, data, quantization, learn: true));
            }
        }
        foreach (string peer in options.Peers)
        {
            if (PeerEngines.TryStart(peer, options, data) is { } engine)
            {
                engines.Add(engine);
            }
        }
    }

    private static List<EngineResult> Measure(IndexBenchmarkOptions options, List<IEngine> engines)
    {
        var points = engines.ToDictionary(engine => engine, _ => new SortedDictionary<(string Kind, int Ef), CurvePoint>());
        for (int round = 0; round < options.Repeats; round++)
        {
            foreach (string kind in (string[])["picture", "text"])
            {
                foreach (int ef in options.Ef.Order())
                {
                    foreach (IEngine engine in engines.Where(engine => IsWanted(points[engine], kind, ef)))
                    {
                        CurvePoint point = engine.Search(kind, ef);
                        points[engine][(kind, ef)] =
                            points[engine].TryGetValue((kind, ef), out CurvePoint? before) ? before.BetterOf(point) : point;
                    }
                }
            }
        }
        return [.. engines.Select(engine => new EngineResult(
            engine.Name, engine.Build, engine.LearnSeconds, engine.Bytes,
            points[engine].GroupBy(point => point.Key.Kind, point => point.Value).ToDictionary(kind => kind.Key, kind => kind.ToArray())))];
    }

    private static bool IsWanted(SortedDictionary<(string Kind, int Ef), CurvePoint> points, string kind, int ef) =>
        !points.Any(point => point.Key.Kind == kind && point.Key.Ef < ef && point.Value.Recall >= EnoughRecall);

    private static void Publish(IndexBenchmarkOptions options, IndexReport report)
    {
        report.Print(Console.Error);
        if (options.Out.Length > 0)
        {
            File.WriteAllText(options.Out, report.ToJson() + "\n");
        }
        else
        {
            Console.WriteLine(report.ToJson());
        }
        if (options.Svg.Length > 0)
        {
            File.WriteAllText(options.Svg, CurvePicture.Draw(report));
        }
    }
}
