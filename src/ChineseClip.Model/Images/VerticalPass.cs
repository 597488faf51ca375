using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ChineseClip.Model.Images;

/// <summary>Resamples along y: each output row is a weighted sum of source rows, byte by byte.</summary>
/// <remarks>Weights are split as in <see cref="HorizontalPass"/>.</remarks>
internal static unsafe class VerticalPass
{
    private const int LowBits = 15;
    private const int Half = 1 << (ResampleWeights.PrecisionBits - 1);
    private const int BytesAtOnce = 16;

    /// <summary>
    /// Fills <paramref name="destination"/>, whose rows are as long as the source's; the source begins with row
    /// <paramref name="firstSourceRow"/> of the axis.
    /// </summary>
    public static void Run(
        ReadOnlySpan<byte> source, int firstSourceRow, Span<byte> destination, int rowBytes, ResampleWeights weights, ResampleKernel kernel)
    {
        fixed (byte* from = source)
        fixed (byte* to = destination)
        fixed (int* lowPairs = weights.LowPairs, highPairs = weights.HighPairs)
        {
            for (var y = 0; y < weights.Count; y++)
            {
                var rows = from + ((long)(weights.FirstTaps[y] - firstSourceRow) * rowBytes);
                var output = to + ((long)y * rowBytes);
                var taps = weights.TapCounts[y];
                if (kernel == ResampleKernel.Scalar || rowBytes < BytesAtOnce)
                {
                    RunScalar(rows, output, rowBytes, weights.Weights.AsSpan(y * weights.Stride, taps));
                    continue;
                }

                var low = lowPairs + ((long)y * weights.Stride / 2);
                var high = highPairs + ((long)y * weights.Stride / 2);
                for (var x = 0; x < rowBytes; x += BytesAtOnce)
                {
                    // The last block ends with the row and overlaps the one before it.
                    var start = Math.Min(x, rowBytes - BytesAtOnce);
                    if (kernel == ResampleKernel.Avx2)
                    {
                        RunBlockAvx2(rows + start, output + start, rowBytes, taps, low, high);
                    }
                    else
                    {
                        RunBlockVector128(rows + start, output + start, rowBytes, taps, low, high);
                    }
                }
            }
        }
    }

    private static void RunScalar(byte* rows, byte* output, int rowBytes, ReadOnlySpan<int> weights)
    {
        for (var x = 0; x < rowBytes; x++)
        {
            var sum = Half;
            var sample = rows + x;
            foreach (var weight in weights)
            {
                sum += *sample * weight;
                sample += rowBytes;
            }

            output[x] = (byte)Math.Clamp(sum >> ResampleWeights.PrecisionBits, 0, 255);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunBlockAvx2(byte* rows, byte* output, int rowBytes, int taps, int* low, int* high)
    {
        Vector256<int> lowA = Vector256.Create(Half), lowB = lowA, highA = default, highB = default;
        for (var tap = 0; tap < taps; tap += 2)
        {
            // A row that is not there has weight 0; its place is taken by the last one.
            var first = Avx2.ConvertToVector256Int16(rows);
            var second = Avx2.ConvertToVector256Int16(tap + 1 < taps ? rows + rowBytes : rows);
            var lowWeights = Vector256.Create(*low++).AsInt16();
            var highWeights = Vector256.Create(*high++).AsInt16();

            var pairs = Avx2.UnpackLow(first, second);
            lowA += Avx2.MultiplyAddAdjacent(pairs, lowWeights);
            highA += Avx2.MultiplyAddAdjacent(pairs, highWeights);

            pairs = Avx2.UnpackHigh(first, second);
            lowB += Avx2.MultiplyAddAdjacent(pairs, lowWeights);
            highB += Avx2.MultiplyAddAdjacent(pairs, highWeights);
            rows += 2L * rowBytes;
        }

        var words = Avx2.PackSignedSaturate(
            (lowA + (highA << LowBits)) >> ResampleWeights.PrecisionBits,
            (lowB + (highB << LowBits)) >> ResampleWeights.PrecisionBits);
        Sse2.PackUnsignedSaturate(words.GetLower(), words.GetUpper()).Store(output);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunBlockVector128(byte* rows, byte* output, int rowBytes, int taps, int* low, int* high)
    {
        Vector128<int> low0 = Vector128.Create(Half), low1 = low0, low2 = low0, low3 = low0;
        Vector128<int> high0 = default, high1 = default, high2 = default, high3 = default;
        for (var tap = 0; tap < taps; tap += 2)
        {
            var first = Vector128.Load(rows);
            var second = Vector128.Load(tap + 1 < taps ? rows + rowBytes : rows);
            var lowWeights = Vector128.Create(*low++).AsInt16();
            var highWeights = Vector128.Create(*high++).AsInt16();
            var (firstLower, firstUpper) = Vector128.Widen(first);
            var (secondLower, secondUpper) = Vector128.Widen(second);
            Accumulate(firstLower, secondLower, lowWeights, highWeights, ref low0, ref high0, ref low1, ref high1);
            Accumulate(firstUpper, secondUpper, lowWeights, highWeights, ref low2, ref high2, ref low3, ref high3);
            rows += 2L * rowBytes;
        }

        var lower = Vector128.Narrow(Finish(low0, high0), Finish(low1, high1));
        var upper = Vector128.Narrow(Finish(low2, high2), Finish(low3, high3));
        Vector128.Narrow(lower, upper).Store(output);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(
        Vector128<ushort> first,
        Vector128<ushort> second,
        Vector128<short> lowWeights,
        Vector128<short> highWeights,
        ref Vector128<int> lowA,
        ref Vector128<int> highA,
        ref Vector128<int> lowB,
        ref Vector128<int> highB)
    {
        // The second sample goes into the upper half of each 32-bit number.
        var (firstA, firstB) = Vector128.Widen(first);
        var (secondA, secondB) = Vector128.Widen(second);
        var pairsA = (firstA | (secondA << 16)).AsInt16();
        var pairsB = (firstB | (secondB << 16)).AsInt16();
        lowA += ResampleKernels.MultiplyAddAdjacent(pairsA, lowWeights);
        highA += ResampleKernels.MultiplyAddAdjacent(pairsA, highWeights);
        lowB += ResampleKernels.MultiplyAddAdjacent(pairsB, lowWeights);
        highB += ResampleKernels.MultiplyAddAdjacent(pairsB, highWeights);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Finish(Vector128<int> low, Vector128<int> high) => Vector128.Min(
        Vector128.Max((low + (high << LowBits)) >> ResampleWeights.PrecisionBits, Vector128<int>.Zero),
        Vector128.Create(255)).AsUInt32();
}
