using System.Globalization;
using ChineseClip.Vectors;

namespace ChineseClip.Benchmarks.Index;

/// <summary>What `index` measures; every property is an option of the same name in kebab case.</summary>
internal sealed record IndexBenchmarkOptions
{
    public int N { get; init; } = 20_000;

    public int Queries { get; init; } = 1000;

    public int Dim { get; init; } = 512;

    public ulong Seed { get; init; } = 42;

    public int M { get; init; } = 16;

    public int EfConstruction { get; init; } = 200;

    public int K { get; init; } = 10;

    public int[] Ef { get; init; } = [10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 320, 448, 640, 896, 1280];

    /// <summary>Sample captions the index learns from; 0 for none.</summary>
    public int TrainQueries { get; init; }

    /// <summary>Neighbours tied together for each of them, and the effort to find these.</summary>
    public int LearnNeighbors { get; init; } = 16;

    public int LearnEf { get; init; } = 1024;

    /// <summary>Where generated vectors are kept for later runs; a temporary directory when empty.</summary>
    public string Data { get; init; } = "";

    /// <summary>Shares of the items that a filter lets through; a curve for each, uncorrelated with the vectors.</summary>
    public double[] FilterSelectivity { get; init; } = [];

    /// <summary>Share of the items that `churn` removes and adds again in random order.</summary>
    public double Churn { get; init; }

    /// <summary>Threads of the bulk builds to compare.</summary>
    public int[] Threads { get; init; } = [1, 2];

    /// <summary>How our vectors are held; several, with commas between, are measured one beside the other.</summary>
    public string Quantization { get; init; } = "sq7";

    /// <summary>Other libraries to measure in the same run.</summary>
    public string[] Peers { get; init; } = [];

    public int Repeats { get; init; } = 1;

    /// <summary>Where the JSON goes; stdout when empty.</summary>
    public string Out { get; init; } = "";

    /// <summary>Where a picture of the curves goes; none when empty.</summary>
    public string Svg { get; init; } = "";

    /// <summary>The core that everything measured is bound to; the last one by default.</summary>
    public int Core { get; init; } = Environment.ProcessorCount - 1;

    public HnswParameters ToParameters(string? quantization = null) => new()
    {
        Dimension = Dim,
        M = M,
        EfConstruction = EfConstruction,
        Quantization = QuantizationName.Parse(quantization ?? Quantization),
    };

    public static IndexBenchmarkOptions Parse(ReadOnlySpan<string> args)
    {
        IndexBenchmarkOptions options = new();
        for (int i = 0; i < args.Length; i++)
        {
            string name = args[i];
            if (name == "--peers" && (i + 1 == args.Length || args[i + 1].StartsWith('-')))
            {
                options = options with { Peers = PeerEngines.All };
                continue;
            }
            string value = i + 1 < args.Length ? args[++i] : throw new ArgumentException($"{name} needs a value.");
            options = name switch
            {
                "--n" => options with { N = Number(value) },
                "--queries" => options with { Queries = Number(value) },
                "--dim" => options with { Dim = Number(value) },
                "--seed" => options with { Seed = ulong.Parse(value, CultureInfo.InvariantCulture) },
                "--m" => options with { M = Number(value) },
                "--ef-construction" => options with { EfConstruction = Number(value) },
                "-k" => options with { K = Number(value) },
                "--ef" => options with { Ef = Array.ConvertAll(value.Split(','), Number) },
                "--train-queries" => options with { TrainQueries = Number(value) },
                "--learn-neighbors" => options with { LearnNeighbors = Number(value) },
                "--learn-ef" => options with { LearnEf = Number(value) },
                "--data" => options with { Data = value },
                "--filter-selectivity" => options with { FilterSelectivity = Array.ConvertAll(value.Split(','), Share) },
                "--churn" => options with { Churn = Share(value) },
                "--threads" => options with { Threads = Array.ConvertAll(value.Split(','), Number) },
                "--quantization" => options with { Quantization = value },
                "--repeats" => options with { Repeats = Number(value) },
                "--peers" => options with { Peers = value.Split(',') },
                "--svg" => options with { Svg = value },
                "--core" => options with { Core = Number(value) },
                "--out" => options with { Out = value },
                _ => throw new ArgumentException($"{name} is not an option of index."),
            };
        }
        return options;

        static double Share(string value) => double.Parse(value, CultureInfo.InvariantCulture);

        static int Number(string value) => int.Parse(value, CultureInfo.InvariantCulture);
    }
}
