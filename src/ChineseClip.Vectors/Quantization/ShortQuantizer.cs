using System.Runtime.Intrinsics;

namespace ChineseClip.Vectors.Quantization;

/// <summary>Unit vectors in 16 bits a dimension, with one scale for all: an element is a short divided by <see cref="Scale"/>.</summary>
/// <remarks>
/// Error: at most <see cref="MaxElementError"/> an element, so at most √d times that for a score, and about 1e-5 in practice.
/// Encoding what was decoded gives the same shorts. The scale leaves room for lengths up to 1 + <see cref="VectorMath.UnitTolerance"/>,
/// so that the integers of <see cref="Kernels.ShortKernel"/> cannot overflow.
/// </remarks>
internal static class ShortQuantizer
{
    public const float Scale = 32_700;
    public const float MaxElementError = 0.5f / Scale;

    /// <summary>From the dot product of two rows to their score.</summary>
    public const float ScorePerUnit = 1 / (Scale * Scale);

    public static void Encode(ReadOnlySpan<float> vector, Span<short> row)
    {
        int i = 0;
        for (; i <= vector.Length - Vector256<short>.Count; i += Vector256<short>.Count)
        {
            Vector256.Narrow(Round(vector[i..]), Round(vector[(i + Vector256<int>.Count)..])).CopyTo(row[i..]);
        }
        for (; i < vector.Length; i++)
        {
            row[i] = (short)MathF.Round(vector[i] * Scale);
        }
        row[vector.Length..].Clear();

        static Vector256<int> Round(ReadOnlySpan<float> elements) =>
            Vector256.ConvertToInt32(Vector256.Round(Vector256.Create(elements) * Scale));
    }

    public static void Decode(ReadOnlySpan<short> row, Span<float> vector)
    {
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] = row[i] / Scale;
        }
    }
}
