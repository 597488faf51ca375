using System.Numerics;
using System.Runtime.Intrinsics;

namespace ChineseClip.Vectors.Quantization;

/// <summary>Maps a vector to 7-bit codes: the mean is subtracted, one scale serves all dimensions, ±4.5 deviations become 0..127.</summary>
/// <remarks>
/// Why one scale: the dot product of codes with a query is then an affine function of the real one, with the same offset for all
/// vectors, so the integers rank as the scores do. Immutable.
/// </remarks>
internal sealed class ScalarQuantizer
{
    public const int MaxCode = 127;
    /// <summary>The code of an element of the mean.</summary>
    public const int Centre = 64;

    private const float RangeInDeviations = 4.5f;

    private readonly float[] _mean;
    private readonly float _scale;

    private ScalarQuantizer(float[] mean, float scale)
    {
        _mean = mean;
        _scale = scale;
    }

    /// <summary>Codes a unit of the vectors' elements.</summary>
    public float Scale => _scale;

    /// <summary>What is subtracted from every vector.</summary>
    public float[] Mean => _mean;

    /// <summary>For unit vectors of which nothing is known.</summary>
    public static ScalarQuantizer Untrained(int dimension) => new(new float[dimension], ScaleFor(1 / MathF.Sqrt(dimension)));

    /// <summary>The same with twice the range, in steps twice as large.</summary>
    public ScalarQuantizer Widen() => new(_mean, _scale / 2);

    /// <summary>The quantizer that <see cref="ToArray"/> described.</summary>
    public static ScalarQuantizer FromArray(float[] meanAndScale) => new(meanAndScale[..^1], meanAndScale[^1]);

    /// <summary>The mean, then the scale.</summary>
    public float[] ToArray() => [.. _mean, _scale];

    /// <summary>Writes the codes of a vector; returns how many elements lay outside the range.</summary>
    public int Encode(ReadOnlySpan<float> vector, Span<byte> codes)
    {
        ReadOnlySpan<float> mean = _mean;
        int clipped = 0;
        int i = 0;
        for (; i <= mean.Length - Vector256<byte>.Count; i += Vector256<byte>.Count)
        {
            Vector256<ushort> low = Vector256.Narrow(Code(vector[i..], mean[i..]), Code(vector[(i + 8)..], mean[(i + 8)..]));
            Vector256<ushort> high = Vector256.Narrow(Code(vector[(i + 16)..], mean[(i + 16)..]), Code(vector[(i + 24)..], mean[(i + 24)..]));
            Vector256.Narrow(low, high).CopyTo(codes[i..]);
        }
        for (; i < mean.Length; i++)
        {
            float code = MathF.Round((vector[i] - mean[i]) * _scale) + Centre;
            float inRange = Math.Clamp(code, 0, MaxCode);
            clipped += inRange != code ? 1 : 0;
            codes[i] = (byte)inRange;
        }
        codes[mean.Length..].Clear();
        return clipped;

        Vector256<uint> Code(ReadOnlySpan<float> elements, ReadOnlySpan<float> mean)
        {
            Vector256<float> code =
                Vector256.Round((Vector256.Create(elements) - Vector256.Create(mean)) * _scale) + Vector256.Create((float)Centre);
            Vector256<float> inRange = Vector256.Min(Vector256.Max(code, Vector256<float>.Zero), Vector256.Create((float)MaxCode));
            clipped += BitOperations.PopCount((~Vector256.Equals(code, inRange)).ExtractMostSignificantBits());
            return Vector256.ConvertToUInt32(inRange);
        }
    }

    /// <summary>Writes a query as signed bytes: scaled so that its largest element is ±127. Returns the scale.</summary>
    public static float EncodeQuery(ReadOnlySpan<float> query, Span<sbyte> codes)
    {
        // Adding 1.5·2^23 leaves the nearest integer in the low bits of a float, and narrowing keeps the lowest byte.
        const float RoundToLowBits = 12_582_912f;
        float scale = MaxCode / LargestMagnitude(query);
        int i = 0;
        for (; i <= query.Length - Vector256<sbyte>.Count; i += Vector256<sbyte>.Count)
        {
            ReadOnlySpan<float> block = query.Slice(i, Vector256<sbyte>.Count);
            Vector256<short> low = Vector256.Narrow(Round(block), Round(block[8..]));
            Vector256<short> high = Vector256.Narrow(Round(block[16..]), Round(block[24..]));
            Vector256.Narrow(low, high).CopyTo(codes[i..]);
        }
        for (; i < query.Length; i++)
        {
            codes[i] = (sbyte)MathF.Round(query[i] * scale);
        }
        codes[query.Length..].Clear();
        return scale;

        Vector256<int> Round(ReadOnlySpan<float> elements) =>
            ((Vector256.Create(elements) * scale) + Vector256.Create(RoundToLowBits)).AsInt32();
    }

    private static float ScaleFor(float deviation) => (MaxCode - Centre) / (RangeInDeviations * deviation);

    private static float LargestMagnitude(ReadOnlySpan<float> query)
    {
        Vector256<float> largest = default;
        int i = 0;
        for (; i <= query.Length - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            largest = Vector256.Max(largest, Vector256.Abs(Vector256.Create(query[i..])));
        }
        float magnitude = 0;
        for (int lane = 0; lane < Vector256<float>.Count; lane++)
        {
            magnitude = MathF.Max(magnitude, largest[lane]);
        }
        for (; i < query.Length; i++)
        {
            magnitude = MathF.Max(magnitude, MathF.Abs(query[i]));
        }
        return magnitude;
    }

    /// <summary>Fits mean and scale to the rows it is given.</summary>
    internal sealed class Trainer(int dimension)
    {
        private readonly double[] _sum = new double[dimension];
        private double _squares;
        private int _count;

        public void Add(ReadOnlySpan<float> row)
        {
            for (int d = 0; d < dimension; d++)
            {
                _sum[d] += row[d];
                _squares += (double)row[d] * row[d];
            }
            _count++;
        }

        public ScalarQuantizer Train()
        {
            float[] mean = Array.ConvertAll(_sum, s => (float)(s / _count));
            double variance = (_squares / _count) - mean.Sum(m => (double)m * m);
            return new ScalarQuantizer(mean, ScaleFor(MathF.Max((float)Math.Sqrt(Math.Max(0, variance) / dimension), 1e-6f)));
        }
    }
}
