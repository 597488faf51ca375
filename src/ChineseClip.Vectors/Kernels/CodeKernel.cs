using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ChineseClip.Vectors.Kernels;

/// <summary>Dot product of 7-bit codes (0..127) with signed bytes: the inner loop of every search.</summary>
/// <remarks>
/// All variants give the same integer: 127·127·2 = 32,258 fits the 16-bit sums of vpmaddubsw, and 4,096 dimensions fit 32 bits.
/// Both operands have <c>length</c> readable bytes, a multiple of <see cref="Block"/>, padded with zeros.
/// The `IsSupported` tests are constants for the JIT: one branch is compiled in.
/// </remarks>
internal static unsafe class CodeKernel
{
    public const int Block = 64;

    public static int PaddedLength(int length) => (length + Block - 1) / Block * Block;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Dot(byte* codes, sbyte* query, int length) =>
        Avx512BW.IsSupported && Vector512.IsHardwareAccelerated ? DotAvx512(codes, query, length)
        : AvxVnni.IsSupported ? DotAvxVnni(codes, query, length)
        : Avx2.IsSupported ? DotAvx2(codes, query, length)
        : Dp.IsSupported ? DotArm(codes, query, length)
        : DotScalar(codes, query, length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int DotAvx512(byte* codes, sbyte* query, int length)
    {
        Vector512<short> ones = Vector512<short>.One;
        Vector512<int> even = default, odd = default;
        int i = 0;
        for (; i <= length - (2 * Block); i += 2 * Block)
        {
            Vector512<short> first = Avx512BW.MultiplyAddAdjacent(Vector512.Load(codes + i), Vector512.Load(query + i));
            Vector512<short> second =
                Avx512BW.MultiplyAddAdjacent(Vector512.Load(codes + i + Block), Vector512.Load(query + i + Block));
            even += Avx512BW.MultiplyAddAdjacent(first, ones);
            odd += Avx512BW.MultiplyAddAdjacent(second, ones);
        }
        if (i < length)
        {
            Vector512<short> last = Avx512BW.MultiplyAddAdjacent(Vector512.Load(codes + i), Vector512.Load(query + i));
            even += Avx512BW.MultiplyAddAdjacent(last, ones);
        }
        return Vector512.Sum(even + odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int DotAvxVnni(byte* codes, sbyte* query, int length)
    {
        Vector256<int> low = default, high = default;
        for (int i = 0; i < length; i += Block)
        {
            low = AvxVnni.MultiplyWideningAndAdd(low, Vector256.Load(codes + i), Vector256.Load(query + i));
            high = AvxVnni.MultiplyWideningAndAdd(high, Vector256.Load(codes + i + 32), Vector256.Load(query + i + 32));
        }
        return Vector256.Sum(low + high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int DotAvx2(byte* codes, sbyte* query, int length)
    {
        Vector256<short> ones = Vector256<short>.One;
        Vector256<int> low = default, high = default;
        for (int i = 0; i < length; i += Block)
        {
            Vector256<short> first = Avx2.MultiplyAddAdjacent(Vector256.Load(codes + i), Vector256.Load(query + i));
            Vector256<short> second = Avx2.MultiplyAddAdjacent(Vector256.Load(codes + i + 32), Vector256.Load(query + i + 32));
            low += Avx2.MultiplyAddAdjacent(first, ones);
            high += Avx2.MultiplyAddAdjacent(second, ones);
        }
        return Vector256.Sum(low + high);
    }

    // Arm multiplies signed by signed: 7-bit codes are both.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int DotArm(byte* codes, sbyte* query, int length)
    {
        Vector128<int> s0 = default, s1 = default, s2 = default, s3 = default;
        sbyte* signed = (sbyte*)codes;
        for (int i = 0; i < length; i += Block)
        {
            s0 = Dp.DotProduct(s0, Vector128.Load(signed + i), Vector128.Load(query + i));
            s1 = Dp.DotProduct(s1, Vector128.Load(signed + i + 16), Vector128.Load(query + i + 16));
            s2 = Dp.DotProduct(s2, Vector128.Load(signed + i + 32), Vector128.Load(query + i + 32));
            s3 = Dp.DotProduct(s3, Vector128.Load(signed + i + 48), Vector128.Load(query + i + 48));
        }
        return Vector128.Sum(s0 + s1 + (s2 + s3));
    }

    public static int DotScalar(byte* codes, sbyte* query, int length)
    {
        int sum = 0;
        for (int i = 0; i < length; i++)
        {
            sum += codes[i] * query[i];
        }
        return sum;
    }
}
