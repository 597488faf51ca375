using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using ChineseClip.Vectors.Kernels;

namespace ChineseClip.Vectors.Tests;

public sealed unsafe class SketchKernelTests : IDisposable
{
    private const int WeightCount = SketchKernel.PlaneCount * SketchKernel.PlaneBytes;

    private readonly byte* _rows = (byte*)NativeMemory.AlignedAlloc(2 * SketchKernel.RowBytes, 64);
    private readonly sbyte* _weights = (sbyte*)NativeMemory.AlignedAlloc(WeightCount, 64);

    public static TheoryData<string> Kernels => ["512", "256", "128", "Chosen"];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void EqualsScalarOnRandomAndExtremeInputs(string kernel)
    {
        Assert.SkipUnless(IsSupported(kernel), $"this machine has no {kernel}");
        Random random = new(1);
        for (int round = 0; round < 200; round++)
        {
            for (int i = 0; i < 2 * SketchKernel.RowBytes; i++)
            {
                _rows[i] = (byte)(round == 0 ? 0 : round == 1 ? byte.MaxValue : random.Next(256));
            }
            for (int i = 0; i < WeightCount; i++)
            {
                int inPlane = i % SketchKernel.PlaneBytes;
                _weights[i] = inPlane >= SketchKernel.RowBytes ? _weights[i - SketchKernel.RowBytes]
                    : (sbyte)(round % 5 == 1 ? SketchKernel.MaxWeight : round % 5 == 2 ? -SketchKernel.MaxWeight
                        : random.Next(-SketchKernel.MaxWeight, SketchKernel.MaxWeight + 1));
            }
            byte* second = _rows + SketchKernel.RowBytes;
            (int First, int Second) expected = (SketchKernel.SumScalar(_rows, _weights), SketchKernel.SumScalar(second, _weights));
            Assert.Equal(expected, Run(kernel, second));
        }
    }

    [Fact]
    public void HighestBitsBelongToTheFirstPlane()
    {
        new Span<byte>(_rows, SketchKernel.RowBytes).Clear();
        new Span<sbyte>(_weights, WeightCount).Clear();
        _rows[3] = 0b1000_0001;
        _weights[3] = 5;
        _weights[(7 * SketchKernel.PlaneBytes) + 3] = 9;
        _weights[(6 * SketchKernel.PlaneBytes) + 3] = 11;
        Assert.Equal(14, SketchKernel.SumScalar(_rows, _weights));
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_rows);
        NativeMemory.AlignedFree(_weights);
    }

    private static bool IsSupported(string kernel) => kernel switch
    {
        "512" => Avx512BW.IsSupported,
        "256" => Avx2.IsSupported,
        _ => true,
    };

    private (int First, int Second) Run(string kernel, byte* second) => kernel switch
    {
        "512" => SketchKernel.Sums512(_rows, second, _weights),
        "256" => (SketchKernel.Sum256(_rows, _weights), SketchKernel.Sum256(second, _weights)),
        "128" => (SketchKernel.Sum128(_rows, _weights), SketchKernel.Sum128(second, _weights)),
        _ => SketchKernel.Sums(_rows, second, _weights),
    };
}
