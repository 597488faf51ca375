using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ChineseClip.Model.Images;

/// <summary>The instruction sets that the resampling passes are written for; all give the same bytes.</summary>
internal enum ResampleKernel
{
    Scalar,
    Vector128,
    Avx2,
}

internal static class ResampleKernels
{
    public static ResampleKernel Best { get; } = Avx2.IsSupported ? ResampleKernel.Avx2
        : Vector128.IsHardwareAccelerated && (Ssse3.IsSupported || AdvSimd.Arm64.IsSupported) ? ResampleKernel.Vector128
        : ResampleKernel.Scalar;

    /// <summary>Sums of the products of neighbouring 16-bit numbers.</summary>
    public static Vector128<int> MultiplyAddAdjacent(Vector128<short> left, Vector128<short> right) => Sse2.IsSupported
        ? Sse2.MultiplyAddAdjacent(left, right)
        : AdvSimd.Arm64.AddPairwise(
            AdvSimd.MultiplyWideningLower(left.GetLower(), right.GetLower()),
            AdvSimd.MultiplyWideningUpper(left, right));
}
