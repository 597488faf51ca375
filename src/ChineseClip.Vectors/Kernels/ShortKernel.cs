using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ChineseClip.Vectors.Kernels;

/// <summary>Dot product of rows of signed 16-bit numbers: reranking at half the bytes of float32.</summary>
/// <remarks>
/// All variants give the same integer. No sum of any part of the products overflows 32 bits as long as neither row is longer than
/// 32,767 in the Euclidean sense (Cauchy and Schwarz: every partial sum is at most 2^30). Both operands have <c>length</c> readable
/// elements, a multiple of <see cref="Block"/>, padded with zeros. The `IsSupported` tests are constants for the JIT.
/// </remarks>
internal static unsafe class ShortKernel
{
    public const int Block = 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Dot(short* a, short* b, int length) =>
        Avx512BW.IsSupported && Vector512.IsHardwareAccelerated ? DotAvx512(a, b, length)
        : Avx2.IsSupported ? DotAvx2(a, b, length)
        : AdvSimd.IsSupported ? DotArm(a, b, length)
        : DotScalar(a, b, length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int DotAvx512(short* a, short* b, int length)
    {
        Vector512<int> even = default, odd = default;
        int i = 0;
        for (; i <= length - (2 * Block); i += 2 * Block)
        {
            even += Avx512BW.MultiplyAddAdjacent(Vector512.Load(a + i), Vector512.Load(b + i));
            odd += Avx512BW.MultiplyAddAdjacent(Vector512.Load(a + i + Block), Vector512.Load(b + i + Block));
        }
        if (i < length)
        {
            even += Avx512BW.MultiplyAddAdjacent(Vector512.Load(a + i), Vector512.Load(b + i));
        }
        return Vector512.Sum(even + odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int DotAvx2(short* a, short* b, int length)
    {
        Vector256<int> low = default, high = default;
        for (int i = 0; i < length; i += Block)
        {
            low += Avx2.MultiplyAddAdjacent(Vector256.Load(a + i), Vector256.Load(b + i));
            high += Avx2.MultiplyAddAdjacent(Vector256.Load(a + i + 16), Vector256.Load(b + i + 16));
        }
        return Vector256.Sum(low + high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int DotArm(short* a, short* b, int length)
    {
        Vector128<int> s0 = default, s1 = default;
        for (int i = 0; i < length; i += 8)
        {
            Vector128<short> left = Vector128.Load(a + i);
            Vector128<short> right = Vector128.Load(b + i);
            s0 = AdvSimd.MultiplyWideningLowerAndAdd(s0, left.GetLower(), right.GetLower());
            s1 = AdvSimd.MultiplyWideningUpperAndAdd(s1, left, right);
        }
        return Vector128.Sum(s0 + s1);
    }

    public static int DotScalar(short* a, short* b, int length)
    {
        int sum = 0;
        for (int i = 0; i < length; i++)
        {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
