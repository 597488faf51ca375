using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ChineseClip.Vectors.Kernels;

/// <summary>Sum of those weights whose sign bit in a sketch is set: the inner loop of a scan.</summary>
/// <remarks>
/// A row has <see cref="RowBytes"/> bytes. The weights lie in <see cref="PlaneCount"/> planes of as many bytes: the highest bit of byte b
/// stands for weight b of plane 0, the lowest for weight b of plane 7. Each plane is there twice, for two rows side by side in one register.
/// A weight is at most <see cref="MaxWeight"/> in magnitude, so that eight of them fit a signed byte. All variants give the same integers.
/// </remarks>
internal static unsafe class SketchKernel
{
    public const int RowBytes = 32;
    public const int PlaneCount = 8;
    public const int PlaneBytes = 2 * RowBytes;
    public const int MaxWeight = 15;

    /// <summary>The sums of two rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (int First, int Second) Sums(byte* first, byte* second, sbyte* weights) =>
        Avx512BW.IsSupported && Vector512.IsHardwareAccelerated ? Sums512(first, second, weights)
        : Avx2.IsSupported ? (Sum256(first, weights), Sum256(second, weights))
        : Vector128.IsHardwareAccelerated ? (Sum128(first, weights), Sum128(second, weights))
        : (SumScalar(first, weights), SumScalar(second, weights));

    // Doubling a byte moves its next bit to the place of the sign.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (int First, int Second) Sums512(byte* first, byte* second, sbyte* weights)
    {
        Vector512<sbyte> signs = Vector512.Create(Vector256.Load((sbyte*)first), Vector256.Load((sbyte*)second));
        Vector512<sbyte> even = default, odd = default;
        for (int plane = 0; plane < PlaneCount; plane += 2)
        {
            Vector512<sbyte> weight = Vector512.Load(weights + (plane * PlaneBytes));
            even = Vector512.ConditionalSelect(Vector512.LessThan(signs, Vector512<sbyte>.Zero), even + weight, even);
            signs += signs;
            weight = Vector512.Load(weights + ((plane + 1) * PlaneBytes));
            odd = Vector512.ConditionalSelect(Vector512.LessThan(signs, Vector512<sbyte>.Zero), odd + weight, odd);
            signs += signs;
        }
        Vector512<short> pairs = Avx512BW.MultiplyAddAdjacent(Vector512<byte>.One, even + odd);
        Vector512<int> fours = Avx512BW.MultiplyAddAdjacent(pairs, Vector512<short>.One);
        Vector256<int> both = Avx2.HorizontalAdd(fours.GetLower(), fours.GetUpper());
        both = Avx2.HorizontalAdd(both, both);
        Vector128<int> sums = both.GetLower() + both.GetUpper();
        return (sums.ToScalar(), sums.GetElement(1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sum256(byte* row, sbyte* weights)
    {
        Vector256<sbyte> signs = Vector256.Load((sbyte*)row);
        Vector256<sbyte> even = default, odd = default;
        for (int plane = 0; plane < PlaneCount; plane += 2)
        {
            even += Vector256.Load(weights + (plane * PlaneBytes)) & Vector256.LessThan(signs, Vector256<sbyte>.Zero);
            signs += signs;
            odd += Vector256.Load(weights + ((plane + 1) * PlaneBytes)) & Vector256.LessThan(signs, Vector256<sbyte>.Zero);
            signs += signs;
        }
        Vector256<short> pairs = Avx2.MultiplyAddAdjacent(Vector256<byte>.One, even + odd);
        return Vector256.Sum(Avx2.MultiplyAddAdjacent(pairs, Vector256<short>.One));
    }

    public static int Sum128(byte* row, sbyte* weights)
    {
        int sum = 0;
        for (int half = 0; half < RowBytes; half += Vector128<sbyte>.Count)
        {
            Vector128<sbyte> signs = Vector128.Load((sbyte*)row + half);
            Vector128<sbyte> chosen = default;
            for (int plane = 0; plane < PlaneCount; plane++)
            {
                chosen += Vector128.Load(weights + (plane * PlaneBytes) + half) & Vector128.LessThan(signs, Vector128<sbyte>.Zero);
                signs += signs;
            }
            (Vector128<short> low, Vector128<short> high) = Vector128.Widen(chosen);
            sum += Vector128.Sum(low + high);
        }
        return sum;
    }

    public static int SumScalar(byte* row, sbyte* weights)
    {
        int sum = 0;
        for (int plane = 0; plane < PlaneCount; plane++)
        {
            for (int i = 0; i < RowBytes; i++)
            {
                sum += ((row[i] >> (PlaneCount - 1 - plane)) & 1) * weights[(plane * PlaneBytes) + i];
            }
        }
        return sum;
    }
}
