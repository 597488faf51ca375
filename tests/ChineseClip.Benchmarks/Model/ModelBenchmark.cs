using System.Diagnostics;
using ChineseClip.Benchmarks.Index;
using ChineseClip.Model;

namespace ChineseClip.Benchmarks.Model;

/// <summary>Conversion, loading, both towers, pictures and what int8 costs, beside PyTorch, ONNX Runtime and Pillow in one run.</summary>
internal static class ModelBenchmark
{
    private const double BusyShare = 0.1;
    private static readonly ModelPrecision[] Precisions = [ModelPrecision.Fp32, ModelPrecision.Fp16, ModelPrecision.Int8];

    public static int Run(ReadOnlySpan<string> args)
    {
        ModelBenchmarkOptions options = ModelBenchmarkOptions.Parse(args);
        string? temporary = options.Data.Length > 0 ? null : Directory.CreateTempSubdirectory("chineseclip-bench-").FullName;
        try
        {
            ModelReport report = Measure(options, temporary ?? options.Data);
            report.Print(Console.Error);
            if (options.Out.Length > 0)
            {
                File.WriteAllText(options.Out, report.ToJson());
            }
            else
            {
                Console.WriteLine(report.ToJson());
            }

            return 0;
        }
        finally
        {
            if (temporary is not null)
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private static ModelReport Measure(ModelBenchmarkOptions options, string directory)
    {
        // Step 1: what is measured on.
        Directory.CreateDirectory(directory);
        var files = new BenchmarkFiles(directory, options.Python);
        files.MakeCheckpoint();
        ConversionFigure[] conversions = [.. Precisions.Select(p => ChildMeasurements.Convert(files.Checkpoint, files.Package(p), p))];
        bool Wants(string part) => options.Parts.Contains(part);
        if (Wants("towers"))
        {
            files.MakeExported();
        }

        if (Wants("pictures"))
        {
            files.MakePictures();
        }

        // Step 2: the measurements, between two looks at the processors.
        var share = new ProcessorShare();
        double own = OwnSeconds();
        double peers = 0;
        var engines = new List<string>();
        LoadFigure[] loads = Wants("load") ? [.. Loads(files)] : [];
        peers += loads.Sum(l => l.SecondsFromProcessStart * 2);
        var towers = new List<TowerCase>();
        var precision = new List<PrecisionFigure>();
        foreach (int threads in Wants("towers") ? options.Threads : [])
        {
            using var benchmark = new TowerBenchmark(options, files, threads);
            towers.AddRange(benchmark.Run());
            precision.AddRange(threads == options.Threads[0] ? [benchmark.Compare()] : []);
            engines.Add(benchmark.Torch);
            peers += benchmark.PeerCpuSeconds;
        }

        List<PictureCase> pictures = [];
        if (Wants("pictures"))
        {
            (string pillow, double seconds, pictures) = PictureBenchmark.Run(options, files);
            engines.Add(pillow);
            peers += seconds;
        }

        double others = share.Others(OwnSeconds() - own + peers);
        if (Wants("demo"))
        {
            precision.Add(DemoPrecision.Measure(directory));
        }

        return new ModelReport
        {
            Command = "dotnet run -c Release --project tests/ChineseClip.Benchmarks -- " + string.Join(' ', Environment.GetCommandLineArgs()[1..]),
            Commit = IndexReport.CommitOrUnknown(),
            MeasuredAt = DateTimeOffset.UtcNow,
            Machine = MachineWatch.ProcessorName(),
            Cores = Environment.ProcessorCount,
            OthersShare = others,
            WasBusy = others > BusyShare,
            Engines = engines,
            Conversions = conversions,
            Loads = loads,
            Towers = towers,
            Pictures = pictures,
            Precision = precision,
        };
    }

    private static IEnumerable<LoadFigure> Loads(BenchmarkFiles files) =>
        from precision in (ModelPrecision[])[ModelPrecision.Fp32, ModelPrecision.Int8]
        from packWeights in (bool[])[true, false]
        select ChildMeasurements.Load(files.Package(precision), precision, packWeights);

    private static double OwnSeconds()
    {
        using Process self = Process.GetCurrentProcess();
        return self.TotalProcessorTime.TotalSeconds;
    }
}
