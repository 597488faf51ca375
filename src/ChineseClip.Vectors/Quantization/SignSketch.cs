using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ChineseClip.Vectors.Kernels;

namespace ChineseClip.Vectors.Quantization;

/// <summary>
/// 32 bytes that tell roughly where a vector lies: the signs of 224 coordinates of what is left of it after the mean was subtracted, in a
/// randomly turned frame, and two numbers that make an unbiased estimate of a score from them.
/// </summary>
/// <remarks>
/// With r the vector without the mean m, R the turn and s the signs of the first n of R·r: ⟨q, r⟩ is estimated as β·⟨m, r⟩ + f·⟨R·q', s⟩, where
/// q = β·m + q' with q' orthogonal to m, and f = |r|² / (sum of the magnitudes of those n). The error has a standard deviation of about
/// |q'|·|r|·√((π/2 − n/N)/n), N being the length of the turned vector.
/// Turn: random signs and half of a Walsh-Hadamard transform, three times, with the vector read crosswise in between, so that every
/// coordinate depends on all elements. Immutable; the same for every index of the same dimension.
/// Source: RaBitQ (arXiv 2405.12497), with fewer bits than dimensions.
/// </remarks>
internal sealed unsafe class SignSketch
{
    /// <summary>Below, a row of codes is hardly more to read than a sketch.</summary>
    public const int MinDimension = 256;

    private const int Lanes = 16;
    private const int TurnCount = 3;
    private const ulong SignSeed = 0x5EED;
    private const int NumbersBytes = 2 * sizeof(short);
    private const int SignBytes = SketchKernel.RowBytes - NumbersBytes;
    private const int SignCount = SignBytes * SketchKernel.PlaneCount;

    private readonly float[] _mean;
    private readonly double _squaredMean;
    private readonly int _length;
    private readonly float[][] _signs;

    public SignSketch(float[] mean)
    {
        _mean = mean;
        _squaredMean = mean.Sum(element => (double)element * element);
        _length = (int)BitOperations.RoundUpToPowerOf2((uint)mean.Length);
        _signs = CreateSigns(_length);
        RelativeDeviation = Math.Sqrt(((Math.PI / 2) - ((double)SignCount / _length)) / SignCount);
    }

    /// <summary>Floats that <see cref="Encode"/> and <see cref="EncodeQuery"/> need to work in.</summary>
    public int WorkLength => 2 * _length;

    /// <summary>Standard deviation of an estimate, as a part of |q'|·|r|.</summary>
    public double RelativeDeviation { get; }

    /// <summary>Writes the sketch of a vector.</summary>
    public void Encode(ReadOnlySpan<float> vector, byte* row, Span<float> work)
    {
        double squares = 0;
        double alongMean = 0;
        for (int i = 0; i < _mean.Length; i++)
        {
            float rest = vector[i] - _mean[i];
            work[i] = rest;
            squares += (double)rest * rest;
            alongMean += (double)rest * _mean[i];
        }
        ReadOnlySpan<float> turned = Turn(work);
        double magnitudes = 0;
        for (int b = 0; b < SignBytes; b++)
        {
            int signs = 0;
            for (int plane = 0; plane < SketchKernel.PlaneCount; plane++)
            {
                float element = turned[(plane * SignBytes) + b];
                magnitudes += MathF.Abs(element);
                signs = (signs << 1) | (element > 0 ? 1 : 0);
            }
            row[b] = (byte)signs;
        }
        float factor = magnitudes > 0 ? (float)(squares / magnitudes) : 0;
        *(uint*)(row + SignBytes) = (UpperHalf(factor) << 16) | UpperHalf((float)alongMean);
    }

    /// <summary>Writes the weights of a query; what else it takes to make estimates of their sums is returned.</summary>
    /// <param name="query">A unit vector.</param>
    /// <param name="weights">For <see cref="SketchKernel.Sums"/>: PlaneCount planes.</param>
    /// <param name="work">At least <see cref="WorkLength"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public SketchQuery EncodeQuery(ReadOnlySpan<float> query, sbyte* weights, Span<float> work)
    {
        double alongMean = 0;
        for (int i = 0; i < _mean.Length; i++)
        {
            alongMean += (double)query[i] * _mean[i];
        }
        float beta = _squaredMean > 0 ? (float)(alongMean / _squaredMean) : 0;
        double squares = 0;
        for (int i = 0; i < _mean.Length; i++)
        {
            work[i] = query[i] - (beta * _mean[i]);
            squares += (double)work[i] * work[i];
        }
        ReadOnlySpan<float> turned = Turn(work);
        float largest = 0;
        for (int i = 0; i < SignCount; i++)
        {
            largest = MathF.Max(largest, MathF.Abs(turned[i]));
        }
        float scale = largest > 0 ? SketchKernel.MaxWeight / largest : 0;
        new Span<sbyte>(weights, SketchKernel.PlaneCount * SketchKernel.PlaneBytes).Clear();
        int sum = 0;
        for (int i = 0; i < SignCount; i++)
        {
            int weight = (int)MathF.Round(turned[i] * scale);
            sbyte* place = weights + (i / SignBytes * SketchKernel.PlaneBytes) + (i % SignBytes);
            place[0] = (sbyte)weight;
            place[SketchKernel.RowBytes] = (sbyte)weight;
            sum += weight;
        }
        return new SketchQuery(sum, scale > 0 ? 1 / scale : 0, beta, (float)Math.Sqrt(squares));
    }

    /// <summary>The two numbers of a row: f in the upper half, ⟨m, r⟩ in the lower, both the upper half of a float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Numbers(byte* row) => *(uint*)(row + SignBytes);

    private static uint UpperHalf(float value) => (BitConverter.SingleToUInt32Bits(value) + 0x8000) >> 16;

    // The first Dimension elements of work are the vector; returns where the turned one lies in it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ReadOnlySpan<float> Turn(Span<float> work)
    {
        Span<float> vector = work[.._length];
        Span<float> crosswise = work.Slice(_length, _length);
        vector[_mean.Length..].Clear();
        for (int turn = 0; turn < TurnCount; turn++)
        {
            if (turn > 0)
            {
                int blocks = _length / Lanes;
                for (int lane = 0; lane < Lanes; lane++)
                {
                    for (int block = 0; block < blocks; block++)
                    {
                        crosswise[(lane * blocks) + block] = vector[(block * Lanes) + lane];
                    }
                }
                Span<float> free = vector;
                vector = crosswise;
                crosswise = free;
            }
            TransformBlocks(vector, _signs[turn]);
        }
        return vector;
    }

    // Walsh-Hadamard over the blocks of 16, lane by lane, after random signs that make it keep lengths, too.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformBlocks(Span<float> vector, ReadOnlySpan<float> signs)
    {
        for (int i = 0; i < vector.Length; i += Vector256<float>.Count)
        {
            (Vector256.Create<float>(vector[i..]) * Vector256.Create(signs[i..])).CopyTo(vector[i..]);
        }
        for (int stride = Lanes; stride < vector.Length; stride *= 2)
        {
            for (int start = 0; start < vector.Length; start += 2 * stride)
            {
                for (int i = start; i < start + stride; i += Vector256<float>.Count)
                {
                    Vector256<float> left = Vector256.Create<float>(vector[i..]);
                    Vector256<float> right = Vector256.Create<float>(vector[(i + stride)..]);
                    (left + right).CopyTo(vector[i..]);
                    (left - right).CopyTo(vector[(i + stride)..]);
                }
            }
        }
    }

    private static float[][] CreateSigns(int length)
    {
        float one = 1 / MathF.Sqrt(length / (float)Lanes);
        ulong place = 0;
        float[][] signs = new float[TurnCount][];
        for (int turn = 0; turn < TurnCount; turn++)
        {
            signs[turn] = new float[length];
            for (int i = 0; i < length; i++)
            {
                signs[turn][i] = (SplitMix64.At(SignSeed, ++place) & 1) == 0 ? one : -one;
            }
        }
        return signs;
    }
}

/// <summary>A query for sketches.</summary>
/// <param name="WeightSum">Sum of its weights.</param>
/// <param name="Step">What a unit of a weight is of the query's elements.</param>
/// <param name="Beta">How much of the mean it holds.</param>
/// <param name="Length">Length of the rest.</param>
internal readonly record struct SketchQuery(int WeightSum, float Step, float Beta, float Length);
