using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ChineseClip.Vectors.Kernels;

namespace ChineseClip.Vectors.Quantization;

/// <summary>
/// 32 bytes that tell roughly where a vector lies: what is left of it after the mean was subtracted, along the 64 directions in which the
/// vectors differ most, in 4 bits each.
/// </summary>
/// <remarks>
/// With r the vector without the mean m, and v the directions: ⟨q, r⟩ is estimated as the sum of ⟨v, q⟩·⟨v, r⟩. What lies across all
/// directions is missing. For two vectors that have nothing else in common that is small and even; of near neighbours it makes up much of
/// their score. So how far off estimates are is not known beforehand: a search measures it on those it takes for the best.
/// Directions: orthogonal iteration on a sample (Golub and Van Loan, Matrix Computations, 8.2.4). Steps: those of the uniform quantizer
/// of 16 levels with the least error for a normal distribution (Max, Quantizing for Minimum Distortion, 1960). Immutable.
/// </remarks>
internal sealed unsafe class PrincipalSketch
{
    /// <summary>Below, a row of codes is hardly more to read than a sketch.</summary>
    public const int MinDimension = 256;

    private const int DirectionCount = SketchKernel.WeightCount;
    private const int MaxSampleElements = 1 << 20;
    private const int Iterations = 3;
    private const float StepInDeviations = 0.3352f;
    private const ulong StartSeed = 0x5EED;

    private const int MaxCode = ScalarQuantizer.MaxCode - ScalarQuantizer.Centre;

    // A level stands for the middle of its step.
    private const float Middle = SketchKernel.MaxLevel / 2f;

    private readonly float[] _directions;
    private readonly float[] _steps;
    private readonly int _dimension;

    // The directions as codes for CodeKernel, pinned, the codes a unit of their elements, and the sum of those of each.
    private readonly byte[] _codes;
    private readonly int _codeBytes;
    private readonly float _codesPerUnit;
    private readonly int[] _sums = new int[DirectionCount];

    // What a unit of the product with codes of a vector is in levels.
    private readonly float[] _levels = new float[DirectionCount];

    private PrincipalSketch(ScalarQuantizer quantizer, float[] directions, float[] steps)
    {
        _dimension = quantizer.Mean.Length;
        _directions = directions;
        _steps = steps;
        _codeBytes = CodeKernel.PaddedLength(_dimension);
        _codes = GC.AllocateArray<byte>(DirectionCount * _codeBytes, pinned: true);
        _codesPerUnit = MaxCode / MathF.Max(directions.Max(MathF.Abs), float.Epsilon);
        for (int d = 0; d < DirectionCount; d++)
        {
            for (int i = 0; i < _dimension; i++)
            {
                int code = (int)MathF.Round(directions[(d * _dimension) + i] * _codesPerUnit);
                _codes[(d * _codeBytes) + i] = (byte)(code + ScalarQuantizer.Centre);
                _sums[d] += code;
            }
            _levels[d] = steps[d] > 0 ? 1 / (steps[d] * _codesPerUnit * quantizer.Scale) : 0;
        }
    }

    /// <summary>Finds the directions in a sample of vectors.</summary>
    public static PrincipalSketch Fit(ScalarQuantizer quantizer, IReadOnlyList<float[]> sample)
    {
        float[] mean = quantizer.Mean;
        int dimension = mean.Length;
        int maxSample = MaxSampleElements / dimension;
        int stride = (sample.Count + maxSample - 1) / maxSample;
        List<float[]> rest = [];
        for (int i = 0; i < sample.Count; i += stride)
        {
            float[] row = new float[dimension];
            for (int d = 0; d < dimension; d++)
            {
                row[d] = sample[i][d] - mean[d];
            }
            rest.Add(row);
        }
        float[] directions = new float[DirectionCount * dimension];
        for (int i = 0; i < directions.Length; i++)
        {
            directions[i] = (SplitMix64.At(StartSeed, (ulong)i) >> 40) - (float)(1 << 23);
        }
        Orthonormalize(directions, dimension);
        for (int i = 0; i < Iterations; i++)
        {
            float[] turned = new float[directions.Length];
            foreach (float[] row in rest)
            {
                for (int start = 0; start < directions.Length; start += dimension)
                {
                    AddScaled(turned.AsSpan(start, dimension), row, VectorMath.Dot(directions.AsSpan(start, dimension), row));
                }
            }
            directions = turned;
            Orthonormalize(directions, dimension);
        }
        float[] steps = new float[DirectionCount];
        for (int d = 0; d < DirectionCount; d++)
        {
            double squares = 0;
            foreach (float[] row in rest)
            {
                float along = VectorMath.Dot(directions.AsSpan(d * dimension, dimension), row);
                squares += (double)along * along;
            }
            steps[d] = StepInDeviations * (float)Math.Sqrt(squares / rest.Count);
        }
        return new PrincipalSketch(quantizer, directions, steps);
    }

    /// <summary>The sketch that <see cref="ToArray"/> described.</summary>
    public static PrincipalSketch FromArray(ScalarQuantizer quantizer, float[] directionsAndSteps) =>
        new(quantizer, directionsAndSteps[..^DirectionCount], directionsAndSteps[^DirectionCount..]);

    /// <summary>Length of <see cref="ToArray"/>.</summary>
    public static int ArrayLength(int dimension) => DirectionCount * (dimension + 1);

    /// <summary>The directions, then the steps along them.</summary>
    public float[] ToArray() => [.. _directions, .. _steps];

    /// <summary>Writes the sketch of a vector.</summary>
    /// <param name="codes">Those of the quantizer.</param>
    /// <param name="row">Takes the sketch.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Encode(byte* codes, byte* row)
    {
        int centre = CentreProduct((sbyte*)codes);
        for (int b = 0; b < SketchKernel.RowBytes; b++)
        {
            row[b] = (byte)(Level(b, codes, centre) | (Level(b + SketchKernel.RowBytes, codes, centre) << 4));
        }
    }

    /// <summary>Writes the weights of a query; what else it takes to make estimates of their sums is returned.</summary>
    /// <param name="query">Codes of a query, see <see cref="ScalarQuantizer.EncodeQuery"/>.</param>
    /// <param name="centre">Their product with codes that are all <see cref="ScalarQuantizer.Centre"/>.</param>
    /// <param name="weights">For <see cref="SketchKernel"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public SketchQuery EncodeQuery(sbyte* query, int centre, sbyte* weights)
    {
        float* along = stackalloc float[DirectionCount];
        float largest = 0;
        for (int d = 0; d < DirectionCount; d++)
        {
            along[d] = (Product(d, query) - centre) * _steps[d];
            largest = MathF.Max(largest, MathF.Abs(along[d]));
        }
        float scale = largest > 0 ? SketchKernel.MaxWeight / largest : 0;
        int sum = 0;
        for (int d = 0; d < DirectionCount; d++)
        {
            weights[d] = (sbyte)MathF.Round(along[d] * scale);
            sum += weights[d];
        }
        return new SketchQuery(sum * Middle, scale > 0 ? 1 / (scale * _codesPerUnit) : 0);
    }

    // Codes of a vector are signed bytes, too; all are higher by the centre, which the sum of the direction's codes takes out.
    private int Level(int direction, byte* codes, int centre)
    {
        int along = Product(direction, (sbyte*)codes) - centre - (ScalarQuantizer.Centre * _sums[direction]);
        return (int)Math.Clamp(MathF.Floor(along * _levels[direction]) + ((SketchKernel.MaxLevel + 1) / 2), 0, SketchKernel.MaxLevel);
    }

    private int Product(int direction, sbyte* codes) => CodeKernel.Dot(
        (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_codes)) + (direction * _codeBytes), codes, _codeBytes);

    // What products are too high by, because the codes of the directions are higher by the centre.
    private int CentreProduct(sbyte* codes)
    {
        int sum = 0;
        for (int i = 0; i < _dimension; i++)
        {
            sum += codes[i];
        }
        return sum * ScalarQuantizer.Centre;
    }

    // Modified Gram-Schmidt; what depends on those before becomes zero.
    private static void Orthonormalize(float[] directions, int dimension)
    {
        const float Negligible = 1e-4f;
        for (int start = 0; start < directions.Length; start += dimension)
        {
            Span<float> direction = directions.AsSpan(start, dimension);
            float before = VectorMath.Norm(direction);
            for (int other = 0; other < start; other += dimension)
            {
                ReadOnlySpan<float> done = directions.AsSpan(other, dimension);
                AddScaled(direction, done, -VectorMath.Dot(direction, done));
            }
            float length = VectorMath.Norm(direction);
            float scale = length > Negligible * before ? 1 / length : 0;
            foreach (ref float element in direction)
            {
                element *= scale;
            }
        }
    }

    private static void AddScaled(Span<float> sum, ReadOnlySpan<float> vector, float factor)
    {
        Span<Vector<float>> sums = MemoryMarshal.Cast<float, Vector<float>>(sum);
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(vector);
        Vector<float> factors = new(factor);
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += factors * vectors[i];
        }
        for (int i = sums.Length * Vector<float>.Count; i < sum.Length; i++)
        {
            sum[i] += factor * vector[i];
        }
    }
}

/// <summary>A query for sketches.</summary>
/// <param name="Offset">What its sums are for a vector that is the mean.</param>
/// <param name="Step">What a unit of a sum is of the dot product of the query's codes with a vector.</param>
internal readonly record struct SketchQuery(float Offset, float Step);
