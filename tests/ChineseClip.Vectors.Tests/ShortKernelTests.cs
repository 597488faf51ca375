using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Quantization;

namespace ChineseClip.Vectors.Tests;

public sealed unsafe class ShortKernelTests
{
    private const int MaxDimension = 300;

    // The longest vectors that are accepted: the integers must not overflow even for these.
    private const float LargestLength = 1 + VectorMath.UnitTolerance;

    public static TheoryData<string> Kernels => ["Avx512", "Avx2", "Arm", "Scalar", "Chosen"];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void EqualsExactSumAtEveryDimensionOnRandomAndExtremeInputs(string kernel)
    {
        Assert.SkipUnless(IsSupported(kernel), $"this machine has no {kernel}");
        foreach (int dimension in Enumerable.Range(1, MaxDimension).Concat([512, 768, 1024, 4095, 4096]))
        {
            foreach ((float[] left, float[] right) in Pairs(dimension))
            {
                AssertExact(kernel, left, right);
            }
        }
    }

    [Fact]
    public void DecodedVectorIsWithinTheBoundAndEncodesAgainToTheSame()
    {
        foreach (int dimension in new[] { 1, 15, 16, 17, 31, 33, 300, 512 })
        {
            float[] vector = RandomVectors.Create(1, dimension, dimension)[0];
            short[] row = new short[(dimension + 31) / 32 * 32];
            Array.Fill(row, (short)7);
            float[] decoded = new float[dimension];
            short[] again = new short[row.Length];
            ShortQuantizer.Encode(vector, row);
            ShortQuantizer.Decode(row, decoded);
            ShortQuantizer.Encode(decoded, again);
            Assert.Equal(row, again);
            Assert.All(row[dimension..], element => Assert.Equal(0, element));
            Assert.All(vector.Zip(decoded), pair =>
                Assert.InRange(pair.First - pair.Second, -1.001f * ShortQuantizer.MaxElementError, 1.001f * ShortQuantizer.MaxElementError));
            VectorMath.ThrowIfNotUnit(decoded, dimension);
        }
    }

    private static IEnumerable<(float[] Left, float[] Right)> Pairs(int dimension)
    {
        float[] random = RandomVectors.Create(1, dimension, dimension)[0];
        float[] oneHot = new float[dimension];
        oneHot[dimension / 2] = 1;
        float[] even = [.. Enumerable.Repeat(1 / MathF.Sqrt(dimension), dimension)];
        float[] alternating = [.. even.Select((element, i) => i % 2 == 0 ? element : -element)];
        yield return (random, RandomVectors.Create(1, dimension, -dimension)[0]);
        foreach (float[] extreme in new[] { random, oneHot, even, alternating })
        {
            float[] longest = Array.ConvertAll(extreme, element => element * LargestLength);
            yield return (longest, longest);
            yield return (longest, Array.ConvertAll(longest, element => -element));
        }
    }

    private static void AssertExact(string kernel, float[] left, float[] right)
    {
        int length = (left.Length + ShortKernel.Block - 1) / ShortKernel.Block * ShortKernel.Block;
        short* a = (short*)NativeMemory.AlignedAlloc((nuint)length * sizeof(short), 64);
        short* b = (short*)NativeMemory.AlignedAlloc((nuint)length * sizeof(short), 64);
        try
        {
            ShortQuantizer.Encode(left, new Span<short>(a, length));
            ShortQuantizer.Encode(right, new Span<short>(b, length));
            long expected = 0;
            for (int i = 0; i < left.Length; i++)
            {
                expected += (long)a[i] * b[i];
            }
            Assert.Equal(expected, Run(kernel, a, b, length));
            double bound = 2.1 * ShortQuantizer.MaxElementError * Math.Sqrt(left.Length);
            Assert.Equal(VectorMath.Dot(left, right), expected * ShortQuantizer.ScorePerUnit, bound);
        }
        finally
        {
            NativeMemory.AlignedFree(a);
            NativeMemory.AlignedFree(b);
        }
    }

    private static bool IsSupported(string kernel) => kernel switch
    {
        "Avx512" => Avx512BW.IsSupported,
        "Avx2" => Avx2.IsSupported,
        "Arm" => AdvSimd.IsSupported,
        _ => true,
    };

    private static int Run(string kernel, short* a, short* b, int length) => kernel switch
    {
        "Avx512" => ShortKernel.DotAvx512(a, b, length),
        "Avx2" => ShortKernel.DotAvx2(a, b, length),
        "Arm" => ShortKernel.DotArm(a, b, length),
        "Scalar" => ShortKernel.DotScalar(a, b, length),
        _ => ShortKernel.Dot(a, b, length),
    };
}
