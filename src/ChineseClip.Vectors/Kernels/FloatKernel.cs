using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ChineseClip.Vectors.Kernels;

/// <summary>Dot product of float32 vectors.</summary>
/// <remarks>
/// The `IsHardwareAccelerated` tests are constants for the JIT: one branch is compiled in. Callers guarantee that both pointers
/// have <c>length</c> readable elements; nothing beyond is read. Results of the variants differ by rounding only.
/// </remarks>
internal static unsafe class FloatKernel
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(float* a, float* b, int length) =>
        Vector512.IsHardwareAccelerated ? Dot512(a, b, length)
        : Vector256.IsHardwareAccelerated ? Dot256(a, b, length)
        : Vector128.IsHardwareAccelerated ? Dot128(a, b, length)
        : DotScalar(a, b, length);

    public static float Dot512(float* a, float* b, int length)
    {
        Vector512<float> s0 = default, s1 = default, s2 = default, s3 = default;
        int i = 0;
        for (; i <= length - 64; i += 64)
        {
            s0 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), s0);
            s1 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + 16), Vector512.Load(b + i + 16), s1);
            s2 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + 32), Vector512.Load(b + i + 32), s2);
            s3 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + 48), Vector512.Load(b + i + 48), s3);
        }
        for (; i <= length - 16; i += 16)
        {
            s0 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), s0);
        }
        return Vector512.Sum(s0 + s1 + (s2 + s3)) + DotScalar(a + i, b + i, length - i);
    }

    public static float Dot256(float* a, float* b, int length)
    {
        Vector256<float> s0 = default, s1 = default, s2 = default, s3 = default;
        int i = 0;
        for (; i <= length - 32; i += 32)
        {
            s0 = Vector256.FusedMultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), s0);
            s1 = Vector256.FusedMultiplyAdd(Vector256.Load(a + i + 8), Vector256.Load(b + i + 8), s1);
            s2 = Vector256.FusedMultiplyAdd(Vector256.Load(a + i + 16), Vector256.Load(b + i + 16), s2);
            s3 = Vector256.FusedMultiplyAdd(Vector256.Load(a + i + 24), Vector256.Load(b + i + 24), s3);
        }
        for (; i <= length - 8; i += 8)
        {
            s0 = Vector256.FusedMultiplyAdd(Vector256.Load(a + i), Vector256.Load(b + i), s0);
        }
        return Vector256.Sum(s0 + s1 + (s2 + s3)) + DotScalar(a + i, b + i, length - i);
    }

    public static float Dot128(float* a, float* b, int length)
    {
        Vector128<float> s0 = default, s1 = default;
        int i = 0;
        for (; i <= length - 8; i += 8)
        {
            s0 = Vector128.FusedMultiplyAdd(Vector128.Load(a + i), Vector128.Load(b + i), s0);
            s1 = Vector128.FusedMultiplyAdd(Vector128.Load(a + i + 4), Vector128.Load(b + i + 4), s1);
        }
        return Vector128.Sum(s0 + s1) + DotScalar(a + i, b + i, length - i);
    }

    public static float DotScalar(float* a, float* b, int length)
    {
        float sum = 0;
        for (int i = 0; i < length; i++)
        {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
