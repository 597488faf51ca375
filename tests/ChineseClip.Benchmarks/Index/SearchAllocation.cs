using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;
using ChineseClip.Vectors;

namespace ChineseClip.Benchmarks.Index;

/// <summary>What one search allocates: nothing, whatever the codes and the filter.</summary>
[MemoryDiagnoser]
[SuppressMessage("Design", "CA1001", Justification = "Freed by GlobalCleanup; the runner derives from this class.")]
public class SearchAllocation
{
    private const int Count = 20_000;
    private const int Dimension = 256;

    private readonly ScoredOrdinal[] _hits = new ScoredOrdinal[10];
    private HnswIndex _index = null!;
    private OrdinalSet _filter = null!;
    private float[] _query = [];

    [Params(VectorQuantization.Sq7, VectorQuantization.Sq7S16, VectorQuantization.None)]
    public VectorQuantization Quantization { get; set; }

    [GlobalSetup]
    public void Build()
    {
        ClipWorkload workload = new(Dimension, 7);
        _index = new HnswIndex(new HnswParameters { Dimension = Dimension, Quantization = Quantization });
        _index.AddRange(Enumerable.Range(0, Count).SelectMany(id => workload.IndexedPicture(id)).ToArray(), new int[Count]);
        _filter = new OrdinalSet(Enumerable.Range(0, Count).Where(ordinal => ordinal % 5 == 0));
        _query = workload.HeldOutText(1);
    }

    [GlobalCleanup]
    public void Free() => _index.Dispose();

    [Benchmark]
    public int Search() => _index.Search(_query, 64, _hits).Found;

    [Benchmark]
    public int SearchFiltered() => _index.Search(_query, 64, _hits, _filter).Found;

    [Benchmark]
    public int SearchExact() => _index.SearchExact(_query, _hits, _filter).Found;
}
