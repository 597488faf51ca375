namespace ChineseClip.Cli.Bench;

/// <summary>What <c>bench index --json</c> prints.</summary>
/// <param name="Build">Seconds of the build.</param>
/// <param name="Bytes">Native memory of the index.</param>
/// <param name="Curve">The queries of the file, or held-out pictures; after learning, through the filter, if these were asked for.</param>
/// <param name="LearnSeconds">On the wall; 0 without learning.</param>
/// <param name="TextCurve">As Curve, for the captions of the generated workload.</param>
/// <param name="Learning">What it began with and did; null without.</param>
/// <param name="Filter">What it let through; null without.</param>
/// <param name="Workload">What was measured.</param>
/// <param name="Machine">Where.</param>
internal sealed record BenchIndexOutcome(
    Duration Build, long Bytes, CurvePoint[] Curve, double LearnSeconds, CurvePoint[]? TextCurve,
    BenchLearning? Learning, BenchFilter? Filter, BenchDescription Workload, MachineLoad Machine);

/// <summary>What learning did, and the curves before it.</summary>
internal sealed record BenchLearning(int Queries, int Edges, double CpuSeconds, CurvePoint[] CurveBefore, CurvePoint[]? TextCurveBefore);

/// <summary>What the filter let through, the speed of an exact scan of that, and the curves without the filter.</summary>
internal sealed record BenchFilter(
    double Selectivity, int Matching, double ExactQpsCpu, CurvePoint[] CurveUnfiltered, CurvePoint[]? TextCurveUnfiltered);

/// <summary>The parameters of a run.</summary>
internal sealed record BenchDescription(
    string? BaseFile, ulong? Seed, int Vectors, int Dimension, int Queries, int K, int M, int EfConstruction, string Quantization,
    int Threads, int Repeats, double BytesPerVector);
