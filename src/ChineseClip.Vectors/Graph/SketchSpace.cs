using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Quantization;

namespace ChineseClip.Vectors.Graph;

/// <summary>Estimates the ranks of <see cref="CodeSpace"/> from sketches: 32 bytes a row to read, whatever the dimension.</summary>
internal readonly unsafe struct SketchSpace
{
    private const int Ahead = 16;

    private readonly ChunkedRows.View _rows;
    private readonly sbyte* _weights;
    private readonly int _weightSum;
    private readonly float _perFactor;
    private readonly float _perAlongMean;
    private readonly int _centreRank;

    /// <param name="book">Whose sketches.</param>
    /// <param name="query">The query and its weights.</param>
    /// <param name="weights">Those that the query was encoded to.</param>
    /// <param name="codes">Whose ranks are estimated.</param>
    public SketchSpace(CodeBook book, SketchQuery query, sbyte* weights, CodeSpace codes)
    {
        float scorePerRank = codes.RoughScore(1);
        _rows = book.SketchRows;
        _weights = weights;
        _weightSum = query.WeightSum;
        _perFactor = query.Step / scorePerRank;
        _perAlongMean = query.Beta / scorePerRank;
        _centreRank = codes.CentreRank;
        Deviation = (float)(book.SketchDeviation * query.Length / scorePerRank);
    }

    /// <summary>Standard deviation of an estimate from the rank.</summary>
    public float Deviation { get; }

    /// <summary>Writes the estimates of an even number of rows.</summary>
    /// <param name="ordinals">The rows.</param>
    /// <param name="ranks">Takes the estimates.</param>
    /// <param name="numbers">Of the same length, to work in.</param>
    /// <param name="count">How many; both lists have room for <see cref="Vector256{T}.Count"/> more.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Estimate(int* ordinals, int* ranks, uint* numbers, int count)
    {
        for (int i = 0; i < Math.Min(Ahead, count); i++)
        {
            Prefetch(ordinals[i]);
        }
        for (int i = 0; i < count; i += 2)
        {
            Prefetch(ordinals[Math.Min(i + Ahead, count - 1)]);
            Prefetch(ordinals[Math.Min(i + Ahead + 1, count - 1)]);
            byte* first = _rows[ordinals[i]];
            byte* second = _rows[ordinals[i + 1]];
            (ranks[i], ranks[i + 1]) = SketchKernel.Sums(first, second, _weights);
            numbers[i] = SignSketch.Numbers(first);
            numbers[i + 1] = SignSketch.Numbers(second);
        }
        Vector256<float> perFactor = Vector256.Create(_perFactor);
        Vector256<float> perAlongMean = Vector256.Create(_perAlongMean);
        for (int i = 0; i < count; i += Vector256<int>.Count)
        {
            // A set sign counts +1, another -1.
            Vector256<int> sum = Vector256.Load(ranks + i);
            Vector256<float> difference = Vector256.ConvertToSingle(sum + sum - Vector256.Create(_weightSum));
            Vector256<uint> both = Vector256.Load(numbers + i);
            Vector256<float> factor = (both & Vector256.Create(0xFFFF_0000u)).AsSingle();
            Vector256<float> alongMean = (both << 16).AsSingle();
            Vector256<float> rank = (perAlongMean * alongMean) + (perFactor * factor * difference);
            (Vector256.ConvertToInt32Native(rank) + Vector256.Create(_centreRank)).Store(ranks + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Prefetch(int ordinal)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(_rows[ordinal]);
        }
    }
}
