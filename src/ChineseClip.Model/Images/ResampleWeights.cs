namespace ChineseClip.Model.Images;

/// <summary>Which source samples make each output sample of one axis, and how much of each.</summary>
/// <remarks>
/// Weights are fixed-point, 22 bits after the point; each output's weights sum to 1 within rounding.
/// Source: Pillow 9.4.0, src/libImaging/Resample.c, precompute_coeffs and normalize_coeffs_8bpc.
/// </remarks>
internal sealed class ResampleWeights
{
    public const int PrecisionBits = 32 - 8 - 2;

    /// <summary>The taps of each output, padded with zeros, are this many or a multiple.</summary>
    public const int TapAlignment = 4;

    // The low part of a weight has 15 bits, so that both parts fit the signed 16-bit factors of a multiply-add instruction.
    private const int LowBits = 15;

    private readonly int[] _firstTaps;
    private readonly int[] _tapCounts;

    private ResampleWeights(int count, int stride)
    {
        _firstTaps = new int[count];
        _tapCounts = new int[count];
        Stride = stride;
        Weights = new int[checked(count * stride)];
        LowPairs = new int[Weights.Length / 2];
        HighPairs = new int[Weights.Length / 2];
    }

    public int Count => _firstTaps.Length;

    /// <summary>Taps kept for each output.</summary>
    public int Stride { get; }

    /// <summary>Shape: [Count, Stride].</summary>
    public int[] Weights { get; }

    /// <summary>Shape: [Count, Stride / 2]. The low 15 bits of two weights, the first in the low half.</summary>
    public int[] LowPairs { get; }

    /// <summary>Shape: [Count, Stride / 2]. The two weights shifted right by 15.</summary>
    public int[] HighPairs { get; }

    public ReadOnlySpan<int> FirstTaps => _firstTaps;

    public ReadOnlySpan<int> TapCounts => _tapCounts;

    /// <summary>How many outputs have at most <paramref name="maxWeights"/> weights together; at least 1.</summary>
    public static int OutputsWithin(int maxWeights, ResampleFilter filter, int inputSize, int outputSize) =>
        Math.Max(1, maxWeights / StrideOf(filter, inputSize, outputSize));

    /// <summary>The source samples that outputs [first, first + count) need.</summary>
    public static (int First, int Count) Reach(ResampleFilter filter, int inputSize, int outputSize, int first, int count)
    {
        var start = ReachOf(filter, inputSize, outputSize, first).First;
        var last = ReachOf(filter, inputSize, outputSize, first + count - 1);
        return (start, last.First + last.Count - start);
    }

    /// <summary>Computes the weights of outputs [first, first + count) of an axis.</summary>
    public static ResampleWeights Create(ResampleFilter filter, int inputSize, int outputSize, int first, int count)
    {
        var result = new ResampleWeights(count, StrideOf(filter, inputSize, outputSize));
        var exact = new double[result.Stride];
        for (var i = 0; i < count; i++)
        {
            var (start, taps) = Compute(filter, inputSize, outputSize, first + i, exact);
            result._firstTaps[i] = start;
            result._tapCounts[i] = taps;

            // Step 3: fixed point, rounded half away from zero.
            var weights = result.Weights.AsSpan(i * result.Stride, result.Stride);
            for (var tap = 0; tap < taps; tap++)
            {
                weights[tap] = (int)((exact[tap] < 0 ? -0.5 : 0.5) + (exact[tap] * (1 << PrecisionBits)));
            }
        }

        result.SplitPairs();
        return result;
    }

    /// <summary>The weights of one output in double precision, from its first source sample on.</summary>
    public static (int First, double[] Weights) Exact(ResampleFilter filter, int inputSize, int outputSize, int output)
    {
        var exact = new double[StrideOf(filter, inputSize, outputSize)];
        var (first, taps) = Compute(filter, inputSize, outputSize, output, exact);
        return (first, exact[..taps]);
    }

    private static (int First, int Count) Compute(ResampleFilter filter, int inputSize, int outputSize, int output, Span<double> exact)
    {
        // Step 1: the source samples within the filter's reach.
        var scale = (double)inputSize / outputSize;
        var inverse = 1.0 / Math.Max(scale, 1.0);
        var center = (output + 0.5) * scale;
        var (start, taps) = ReachOf(filter, inputSize, outputSize, output);

        // Step 2: the filter's value at each, normalized.
        var sum = 0.0;
        for (var tap = 0; tap < taps; tap++)
        {
            exact[tap] = Evaluate(filter, (tap + start - center + 0.5) * inverse);
            sum += exact[tap];
        }

        for (var tap = 0; tap < taps && sum != 0.0; tap++)
        {
            exact[tap] /= sum;
        }

        return (start, taps);
    }

    private static (int First, int Count) ReachOf(ResampleFilter filter, int inputSize, int outputSize, int output)
    {
        var scale = (double)inputSize / outputSize;
        var support = SupportOf(filter) * Math.Max(scale, 1.0);
        var center = (output + 0.5) * scale;
        var first = Math.Max(0, (int)(center - support + 0.5));
        return (first, Math.Min(inputSize, (int)(center + support + 0.5)) - first);
    }

    private static int StrideOf(ResampleFilter filter, int inputSize, int outputSize)
    {
        var support = SupportOf(filter) * Math.Max((double)inputSize / outputSize, 1.0);
        var taps = ((int)Math.Ceiling(support) * 2) + 1;
        return (taps + TapAlignment - 1) / TapAlignment * TapAlignment;
    }

    private void SplitPairs()
    {
        const int lowMask = (1 << LowBits) - 1;
        for (var pair = 0; pair < LowPairs.Length; pair++)
        {
            int first = Weights[pair * 2], second = Weights[(pair * 2) + 1];
            LowPairs[pair] = (first & lowMask) | ((second & lowMask) << 16);
            HighPairs[pair] = ((first >> LowBits) & 0xFFFF) | ((second >> LowBits) << 16);
        }
    }

    private static double SupportOf(ResampleFilter filter) => filter switch
    {
        ResampleFilter.Box => 0.5,
        ResampleFilter.Bilinear or ResampleFilter.Hamming => 1.0,
        ResampleFilter.Bicubic => 2.0,
        ResampleFilter.Lanczos => 3.0,
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "The filter must be box, bilinear, hamming, bicubic or lanczos."),
    };

    private static double Evaluate(ResampleFilter filter, double x) => filter switch
    {
        ResampleFilter.Box => x is > -0.5 and <= 0.5 ? 1.0 : 0.0,
        ResampleFilter.Bilinear => Math.Max(0.0, 1.0 - Math.Abs(x)),
        ResampleFilter.Hamming => Hamming(Math.Abs(x)),
        ResampleFilter.Bicubic => Bicubic(Math.Abs(x)),
        _ => x is >= -3.0 and < 3.0 ? Sinc(x) * Sinc(x / 3) : 0.0,
    };

    private static double Bicubic(double x)
    {
        const double a = -0.5;
        return x < 1.0 ? (((((a + 2.0) * x) - (a + 3.0)) * x * x) + 1)
            : x < 2.0 ? ((((((x - 5) * x) + 8) * x) - 4) * a)
            : 0.0;
    }

    private static double Hamming(double x)
    {
        if (x == 0.0)
        {
            return 1.0;
        }

        // Pillow writes these two constants in single precision.
        var angle = x * Math.PI;
        return x >= 1.0 ? 0.0 : Math.Sin(angle) / angle * (0.54f + (0.46f * Math.Cos(angle)));
    }

    private static double Sinc(double x) => x == 0.0 ? 1.0 : Math.Sin(x * Math.PI) / (x * Math.PI);
}
