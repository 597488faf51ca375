using System.Globalization;
using ChineseClip.Vectors;

namespace ChineseClip.Benchmarks.Index;

/// <summary>Our index, on the calling thread.</summary>
internal sealed class OwnEngine : IEngine
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    private readonly MeasuredIndex _index;
    private readonly BenchmarkData _data;
    private readonly int _k;

    /// <summary>Builds the index and, if told so, learns from the captions of the data.</summary>
    public OwnEngine(IndexBenchmarkOptions options, BenchmarkData data, string quantization, bool learn)
    {
        _data = data;
        _k = options.K;
        Name = $"ChineseClip {quantization}{(learn ? ", learned" : "")}";
        _index = new MeasuredIndex(options.ToParameters(quantization), data.Vectors, threads: 1);
        if (learn)
        {
            double start = CpuClock.Seconds;
            int edges = _index.Learn(data.Training!, new LearningParameters { NeighborCount = options.LearnNeighbors, Ef = options.LearnEf });
            LearnSeconds = CpuClock.Seconds - start;
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{Name}: {edges} edges from {data.Training!.Count} texts in {LearnSeconds:0.0} s"));
        }
        _index.WarmUp(data.Sets["picture"], _k, WarmUp);
    }

    public string Name { get; }

    public Duration Build => _index.Build;

    public double LearnSeconds { get; }

    public long Bytes => _index.Index.MemoryBytes;

    public CurvePoint Search(string kind, int ef) => _index.Search(_data.Sets[kind], ef, _k);

    public void Dispose() => _index.Dispose();
}
