using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ChineseClip.Vectors.Kernels;

namespace ChineseClip.Vectors.Tests;

public sealed unsafe class SketchKernelTests : IDisposable
{
    private const int RowCount = SketchKernel.RowsAtOnce;

    private readonly byte* _rows = (byte*)NativeMemory.AlignedAlloc(RowCount * SketchKernel.RowBytes, 64);
    private readonly sbyte* _weights = (sbyte*)NativeMemory.AlignedAlloc(SketchKernel.WeightCount, 64);

    public static TheoryData<string> Kernels => ["256", "128", "Chosen"];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void EqualsScalarOnRandomAndExtremeInputs(string kernel)
    {
        Assert.SkipUnless(kernel != "256" || Avx2.IsSupported, $"this machine has no {kernel}");
        Random random = new(1);
        for (int round = 0; round < 200; round++)
        {
            for (int i = 0; i < RowCount * SketchKernel.RowBytes; i++)
            {
                _rows[i] = (byte)(round % 7 == 0 ? 0 : round % 7 == 1 ? byte.MaxValue : random.Next(256));
            }
            for (int i = 0; i < SketchKernel.WeightCount; i++)
            {
                _weights[i] = (sbyte)(round % 5 == 1 ? SketchKernel.MaxWeight : round % 5 == 2 ? -SketchKernel.MaxWeight
                    : random.Next(-SketchKernel.MaxWeight, SketchKernel.MaxWeight + 1));
            }
            Assert.Equal(Enumerable.Range(0, RowCount).Select(row => SketchKernel.SumScalar(Row(row), _weights)), Run(kernel));
        }
    }

    [Fact]
    public void TheLowerHalfOfAByteBelongsToTheWeightOfItsPlace()
    {
        new Span<byte>(_rows, SketchKernel.RowBytes).Clear();
        new Span<sbyte>(_weights, SketchKernel.WeightCount).Clear();
        _rows[3] = 0x52;
        _weights[3] = 7;
        _weights[3 + SketchKernel.RowBytes] = -9;
        _weights[4] = 11;
        Assert.Equal((2 * 7) - (5 * 9), SketchKernel.SumScalar(_rows, _weights));
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_rows);
        NativeMemory.AlignedFree(_weights);
    }

    private byte* Row(int row) => _rows + (row * SketchKernel.RowBytes);

    private int[] Run(string kernel)
    {
        if (kernel == "128")
        {
            return [.. Enumerable.Range(0, RowCount).Select(row => SketchKernel.Sum128(Row(row), _weights))];
        }
        Vector128<int> sums = kernel == "256"
            ? SketchKernel.Sums256(Row(0), Row(1), Row(2), Row(3), _weights)
            : SketchKernel.Sums(Row(0), Row(1), Row(2), Row(3), _weights);
        return [sums[0], sums[1], sums[2], sums[3]];
    }
}
