using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ChineseClip.Vectors.Kernels;

/// <summary>Dot products of rows of 4-bit levels with signed bytes: the inner loop of a scan.</summary>
/// <remarks>
/// A row has <see cref="RowBytes"/> bytes: the lower half of byte b belongs to weight b, the upper half to weight b + RowBytes.
/// 15·127·2·2·4 = 30,480: eight pairs of products fit 16 bits. All variants give the same integers.
/// </remarks>
internal static unsafe class SketchKernel
{
    public const int RowBytes = 32;
    public const int WeightCount = 2 * RowBytes;
    public const int MaxLevel = 15;
    public const int MaxWeight = 127;

    /// <summary>Rows that are read at once.</summary>
    public const int RowsAtOnce = 4;

    /// <summary>The sums of four rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sums(byte* first, byte* second, byte* third, byte* fourth, sbyte* weights) =>
        Avx2.IsSupported ? Sums256(first, second, third, fourth, weights)
        : Vector128.IsHardwareAccelerated
            ? Vector128.Create(Sum128(first, weights), Sum128(second, weights), Sum128(third, weights), Sum128(fourth, weights))
        : Vector128.Create(SumScalar(first, weights), SumScalar(second, weights), SumScalar(third, weights), SumScalar(fourth, weights));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Sums256(byte* first, byte* second, byte* third, byte* fourth, sbyte* weights)
    {
        Vector256<sbyte> lower = Vector256.Load(weights);
        Vector256<sbyte> upper = Vector256.Load(weights + RowBytes);
        Vector256<short> firstTwo = Avx2.HorizontalAdd(Pairs(first, lower, upper), Pairs(second, lower, upper));
        Vector256<short> lastTwo = Avx2.HorizontalAdd(Pairs(third, lower, upper), Pairs(fourth, lower, upper));
        Vector256<int> sums = Avx2.MultiplyAddAdjacent(Avx2.HorizontalAdd(firstTwo, lastTwo), Vector256<short>.One);
        return sums.GetLower() + sums.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> Pairs(byte* row, Vector256<sbyte> lower, Vector256<sbyte> upper)
    {
        Vector256<byte> both = Vector256.Load(row);
        Vector256<byte> mask = Vector256.Create((byte)MaxLevel);
        return Avx2.MultiplyAddAdjacent(both & mask, lower)
            + Avx2.MultiplyAddAdjacent((both.AsUInt16() >> 4).AsByte() & mask, upper);
    }

    public static int Sum128(byte* row, sbyte* weights)
    {
        Vector128<int> sums = default;
        for (int i = 0; i < RowBytes; i += Vector128<byte>.Count)
        {
            Vector128<byte> both = Vector128.Load(row + i);
            sums += Products(both & Vector128.Create((byte)MaxLevel), weights + i) + Products(both >>> 4, weights + RowBytes + i);
        }
        return Vector128.Sum(sums);
    }

    public static int SumScalar(byte* row, sbyte* weights)
    {
        int sum = 0;
        for (int b = 0; b < RowBytes; b++)
        {
            sum += ((row[b] & MaxLevel) * weights[b]) + ((row[b] >> 4) * weights[b + RowBytes]);
        }
        return sum;
    }

    private static Vector128<int> Products(Vector128<byte> levels, sbyte* weights)
    {
        (Vector128<short> low, Vector128<short> high) = Vector128.Widen(levels.AsSByte());
        (Vector128<short> lowWeights, Vector128<short> highWeights) = Vector128.Widen(Vector128.Load(weights));
        (Vector128<int> first, Vector128<int> second) = Vector128.Widen((low * lowWeights) + (high * highWeights));
        return first + second;
    }
}
