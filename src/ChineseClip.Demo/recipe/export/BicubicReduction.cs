using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ChineseClip.Demo.Export;

/// <summary>Reduces RGBA squares as Pillow's BICUBIC does: support widened by the ratio, two passes, 8-bit rounding between.</summary>
/// <remarks>Coefficients are integers of 22 fractional bits (Pillow, src/libImaging/Resample.c, its precision). One a thread.</remarks>
internal sealed class BicubicReduction
{
    private const int FractionBits = 22;
    private const double A = -0.5;
    private readonly int _from;
    private readonly int _to;
    private readonly int[] _first;
    private readonly int[][] _weights;
    private readonly uint[] _narrow;

    public BicubicReduction(int from, int to)
    {
        _from = from;
        _to = to;
        _first = new int[to];
        _weights = new int[to][];
        _narrow = new uint[from * to];
        var scale = (double)from / to;
        var support = 2 * Math.Max(scale, 1);
        for (var i = 0; i < to; i++)
        {
            var center = (i + 0.5) * scale;
            var first = Math.Max(0, (int)(center - support + 0.5));
            var last = Math.Min(from, (int)(center + support + 0.5));
            var raw = Enumerable.Range(first, last - first)
                .Select(x => Cubic((x - center + 0.5) / Math.Max(scale, 1)))
                .ToArray();
            var sum = raw.Sum();
            _first[i] = first;
            _weights[i] = [.. raw.Select(w => (int)((w / sum * (1 << FractionBits)) + (w < 0 ? -0.5 : 0.5)))];
        }
    }

    /// <param name="pixels">RGBA, [from, from].</param>
    /// <param name="rgb">RGB, [to, to].</param>
    public void Reduce(ReadOnlySpan<byte> pixels, Span<byte> rgb)
    {
        var source = MemoryMarshal.Cast<byte, uint>(pixels);
        for (var y = 0; y < _from; y++)
        {
            var row = source.Slice(y * _from, _from);
            for (var x = 0; x < _to; x++)
            {
                _narrow[(y * _to) + x] = Weigh(row[_first[x]..], 1, _weights[x]);
            }
        }

        for (var y = 0; y < _to; y++)
        {
            var rows = _narrow.AsSpan(_first[y] * _to);
            for (var x = 0; x < _to; x++)
            {
                var pixel = Weigh(rows[x..], _to, _weights[y]);
                var at = 3 * ((y * _to) + x);
                rgb[at] = (byte)pixel;
                rgb[at + 1] = (byte)(pixel >> 8);
                rgb[at + 2] = (byte)(pixel >> 16);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Weigh(ReadOnlySpan<uint> pixels, int stride, int[] weights)
    {
        var sum = Vector128.Create(1 << (FractionBits - 1));
        var at = 0;
        foreach (var weight in weights)
        {
            var channels = Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(pixels[at]).AsByte())).AsInt32();
            sum += channels * weight;
            at += stride;
        }

        sum = Vector128.Clamp(Vector128.ShiftRightArithmetic(sum, FractionBits), Vector128<int>.Zero, Vector128.Create(255));
        return (uint)(sum[0] | (sum[1] << 8) | (sum[2] << 16) | (sum[3] << 24));
    }

    private static double Cubic(double x)
    {
        x = Math.Abs(x);
        return x < 1 ? ((((A + 2) * x) - (A + 3)) * x * x) + 1
            : x < 2 ? ((((x - 5) * x) + 8) * x - 4) * A
            : 0;
    }
}
