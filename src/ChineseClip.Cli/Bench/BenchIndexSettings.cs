using ChineseClip.Vectors;

namespace ChineseClip.Cli.Bench;

/// <summary>What <c>bench index</c> measures.</summary>
internal sealed record BenchIndexSettings
{
    public static readonly int[] DefaultEf = [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024];

    /// <summary>Vectors, queries and true neighbours from files; null for the generated workload.</summary>
    public string? BaseFile { get; init; }

    public string? QueriesFile { get; init; }

    /// <summary>Null when they are to be found by exact search.</summary>
    public string? GroundTruthFile { get; init; }

    /// <summary>Queries to learn from before measuring; null for none.</summary>
    public string? TrainQueriesFile { get; init; }

    /// <summary>Generated captions to learn from instead.</summary>
    public int TrainTexts { get; init; }

    /// <summary>Scale rows of the files to length 1.</summary>
    public bool Normalize { get; init; }

    public int N { get; init; } = 100_000;

    public int Dim { get; init; } = 512;

    public ulong Seed { get; init; } = 42;

    /// <summary>Of each kind, in the generated workload.</summary>
    public int QueryCount { get; init; } = 1000;

    public int M { get; init; } = 16;

    public int EfConstruction { get; init; } = 200;

    public int[] Ef { get; init; } = DefaultEf;

    public int K { get; init; } = 10;

    public VectorQuantization Quantization { get; init; } = VectorQuantization.Sq7;

    public int Threads { get; init; } = 1;

    /// <summary>Share of the vectors that a search may return, chosen at random; null for all.</summary>
    public double? FilterSelectivity { get; init; }

    /// <summary>The best of so many measurements of each point counts.</summary>
    public int Repeats { get; init; } = 3;

    public HnswParameters ToParameters(int dimension) => new()
    {
        Dimension = dimension,
        M = M,
        EfConstruction = EfConstruction,
        Quantization = Quantization,
    };
}
