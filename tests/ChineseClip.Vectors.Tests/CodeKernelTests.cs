using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using ChineseClip.Vectors.Kernels;

namespace ChineseClip.Vectors.Tests;

public sealed unsafe class CodeKernelTests
{
    private const int MaxDimension = 300;

    public static TheoryData<string> Kernels => ["Avx512", "AvxVnni", "Avx2", "Arm", "Chosen"];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void EqualsScalarAtEveryDimensionOnRandomAndExtremeInputs(string kernel)
    {
        Assert.SkipUnless(IsSupported(kernel), $"this machine has no {kernel}");
        Random random = new(1);
        int length = (MaxDimension + CodeKernel.Block - 1) / CodeKernel.Block * CodeKernel.Block;
        byte* codes = (byte*)NativeMemory.AlignedAlloc((nuint)length, 64);
        sbyte* query = (sbyte*)NativeMemory.AlignedAlloc((nuint)length, 64);
        try
        {
            for (int dimension = 1; dimension <= MaxDimension; dimension++)
            {
                int padded = (dimension + CodeKernel.Block - 1) / CodeKernel.Block * CodeKernel.Block;
                foreach ((int code, int value) in new[] { (-1, 0), (127, 127), (127, -127), (127, -128), (0, 127) })
                {
                    new Span<byte>(codes, length).Clear();
                    new Span<sbyte>(query, length).Clear();
                    int expected = 0;
                    for (int i = 0; i < dimension; i++)
                    {
                        codes[i] = (byte)(code < 0 ? random.Next(128) : code);
                        query[i] = (sbyte)(code < 0 ? random.Next(-128, 128) : value);
                        expected += codes[i] * query[i];
                    }
                    Assert.Equal(expected, CodeKernel.DotScalar(codes, query, padded));
                    Assert.Equal(expected, Run(kernel, codes, query, padded));
                }
            }
        }
        finally
        {
            NativeMemory.AlignedFree(codes);
            NativeMemory.AlignedFree(query);
        }
    }

    private static bool IsSupported(string kernel) => kernel switch
    {
        "Avx512" => Avx512BW.IsSupported,
        "AvxVnni" => AvxVnni.IsSupported,
        "Avx2" => Avx2.IsSupported,
        "Arm" => Dp.IsSupported,
        _ => true,
    };

    private static int Run(string kernel, byte* codes, sbyte* query, int length) => kernel switch
    {
        "Avx512" => CodeKernel.DotAvx512(codes, query, length),
        "AvxVnni" => CodeKernel.DotAvxVnni(codes, query, length),
        "Avx2" => CodeKernel.DotAvx2(codes, query, length),
        "Arm" => CodeKernel.DotArm(codes, query, length),
        _ => CodeKernel.Dot(codes, query, length),
    };
}
