namespace ChineseClip.Vectors.Quantization;

/// <summary>Maps a vector to 7-bit codes: the mean is subtracted, one scale serves all dimensions, ±4.5 deviations become 0..127.</summary>
/// <remarks>
/// Why one scale: the dot product of codes with a query is then an affine function of the real one, with the same offset for all
/// vectors, so the integers rank as the scores do. Immutable.
/// </remarks>
internal sealed class ScalarQuantizer
{
    public const int MaxCode = 127;
    private const int Centre = 64;
    private const float RangeInDeviations = 4.5f;

    private readonly float[] _mean;
    private readonly float _scale;

    private ScalarQuantizer(float[] mean, float deviation)
    {
        _mean = mean;
        _scale = (MaxCode - Centre) / (RangeInDeviations * deviation);
    }

    /// <summary>For unit vectors of which nothing is known.</summary>
    public static ScalarQuantizer Untrained(int dimension) => new(new float[dimension], 1 / MathF.Sqrt(dimension));

    /// <summary>Fits mean and scale to the rows that <paramref name="sample"/> copies out.</summary>
    public static ScalarQuantizer Train(int dimension, int count, Action<int, Span<float>> sample)
    {
        double[] sum = new double[dimension];
        double squares = 0;
        float[] row = new float[dimension];
        for (int i = 0; i < count; i++)
        {
            sample(i, row);
            for (int d = 0; d < dimension; d++)
            {
                sum[d] += row[d];
                squares += (double)row[d] * row[d];
            }
        }
        float[] mean = Array.ConvertAll(sum, s => (float)(s / count));
        double variance = (squares / count) - mean.Sum(m => (double)m * m);
        return new ScalarQuantizer(mean, MathF.Max((float)Math.Sqrt(Math.Max(0, variance) / dimension), 1e-6f));
    }

    /// <summary>Writes the codes of a vector; returns how many elements lay outside the range.</summary>
    public int Encode(ReadOnlySpan<float> vector, Span<byte> codes)
    {
        int clipped = 0;
        for (int i = 0; i < _mean.Length; i++)
        {
            float code = MathF.Round((vector[i] - _mean[i]) * _scale) + Centre;
            float inRange = Math.Clamp(code, 0, MaxCode);
            clipped += inRange != code ? 1 : 0;
            codes[i] = (byte)inRange;
        }
        codes[_mean.Length..].Clear();
        return clipped;
    }

    /// <summary>Writes a query as signed bytes: scaled so that its largest element is ±127.</summary>
    public static void EncodeQuery(ReadOnlySpan<float> query, Span<sbyte> codes)
    {
        float largest = 0;
        foreach (float element in query)
        {
            largest = MathF.Max(largest, MathF.Abs(element));
        }
        float scale = MaxCode / largest;
        for (int i = 0; i < query.Length; i++)
        {
            codes[i] = (sbyte)MathF.Round(query[i] * scale);
        }
        codes[query.Length..].Clear();
    }
}
