using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ChineseClip.Model.Images;

/// <summary>Resamples rows of RGB pixels along x.</summary>
/// <remarks>
/// A weight w is split into w = 32768·high + low, so that two 16-bit multiply-adds replace one slow 32-bit multiplication; the sums are
/// exact modulo 2^32 and the result lies within it.
/// </remarks>
internal static unsafe class HorizontalPass
{
    private const int Channels = RgbImage.Channels;
    private const int LowBits = 15;
    private const int Half = 1 << (ResampleWeights.PrecisionBits - 1);
    private const int RowsAtOnce = 4;

    // A vector load at the last taps of a row reads at most this many bytes past the row.
    private const int Overread = (ResampleWeights.TapAlignment * Channels) + 16;

    /// <summary>Resamples <paramref name="rows"/> rows; both strides are in bytes.</summary>
    public static void Run(
        ReadOnlySpan<byte> source, int sourceStride, Span<byte> destination, int destinationStride, int rows, ResampleWeights weights, ResampleKernel kernel)
    {
        fixed (byte* from = source)
        fixed (byte* to = destination)
        {
            var row = 0;
            if (kernel != ResampleKernel.Scalar)
            {
                // The rows at the end of the memory go through a copy with room behind it.
                while (row < rows && ((long)(Math.Min(row + RowsAtOnce, rows)) * sourceStride) + Overread <= source.Length)
                {
                    row += RunBlock(from + ((long)row * sourceStride), sourceStride, to + ((long)row * destinationStride), destinationStride, rows - row, weights, kernel);
                }

                if (row < rows)
                {
                    var copy = GC.AllocateUninitializedArray<byte>(((rows - row) * sourceStride) + Overread);
                    source.Slice(row * sourceStride, (rows - row) * sourceStride).CopyTo(copy);
                    fixed (byte* padded = copy)
                    {
                        for (var done = 0; row < rows;)
                        {
                            var count = RunBlock(padded + ((long)done * sourceStride), sourceStride, to + ((long)row * destinationStride), destinationStride, rows - row, weights, kernel);
                            done += count;
                            row += count;
                        }
                    }
                }
            }

            for (; row < rows; row++)
            {
                RunScalar(from + ((long)row * sourceStride), to + ((long)row * destinationStride), weights);
            }
        }
    }

    private static int RunBlock(
        byte* source, int sourceStride, byte* destination, int destinationStride, int rowsLeft, ResampleWeights weights, ResampleKernel kernel)
    {
        if (kernel == ResampleKernel.Avx2 && rowsLeft >= RowsAtOnce)
        {
            RunFourRowsAvx2(source, sourceStride, destination, destinationStride, weights);
            return RowsAtOnce;
        }

        RunRowVector128(source, destination, weights);
        return 1;
    }

    private static void RunScalar(byte* source, byte* destination, ResampleWeights weights)
    {
        for (var x = 0; x < weights.Count; x++)
        {
            var pixel = source + ((long)weights.FirstTaps[x] * Channels);
            int red = Half, green = Half, blue = Half;
            foreach (var weight in weights.Weights.AsSpan(x * weights.Stride, weights.TapCounts[x]))
            {
                red += pixel[0] * weight;
                green += pixel[1] * weight;
                blue += pixel[2] * weight;
                pixel += Channels;
            }

            destination[0] = Clip(red);
            destination[1] = Clip(green);
            destination[2] = Clip(blue);
            destination += Channels;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunRowVector128(byte* source, byte* destination, ResampleWeights weights)
    {
        // Two pixels as 16-bit numbers: r r' g g' b b' 0 0.
        var spread = Vector128.Create((byte)0, 0x80, 3, 0x80, 1, 0x80, 4, 0x80, 2, 0x80, 5, 0x80, 0x80, 0x80, 0x80, 0x80);
        fixed (int* lowPairs = weights.LowPairs, highPairs = weights.HighPairs)
        {
            for (var x = 0; x < weights.Count; x++)
            {
                var pixel = source + ((long)weights.FirstTaps[x] * Channels);
                int* low = lowPairs + ((long)x * weights.Stride / 2), high = highPairs + ((long)x * weights.Stride / 2);
                Vector128<int> lowSum = Vector128.Create(Half), highSum = default;
                for (var pair = (weights.TapCounts[x] + 1) / 2; pair > 0; pair--)
                {
                    var samples = Vector128.Shuffle(Vector128.Load(pixel), spread).AsInt16();
                    lowSum += ResampleKernels.MultiplyAddAdjacent(samples, Vector128.Create(*low++).AsInt16());
                    highSum += ResampleKernels.MultiplyAddAdjacent(samples, Vector128.Create(*high++).AsInt16());
                    pixel += 2 * Channels;
                }

                Store(lowSum + (highSum << LowBits), destination);
                destination += Channels;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunFourRowsAvx2(byte* source, int sourceStride, byte* destination, int destinationStride, ResampleWeights weights)
    {
        // Four pixels as 16-bit numbers, two in each half: r r' g g' b b' 0 0.
        var spread = Vector256.Create(
            (byte)0, 0x80, 3, 0x80, 1, 0x80, 4, 0x80, 2, 0x80, 5, 0x80, 0x80, 0x80, 0x80, 0x80,
            6, 0x80, 9, 0x80, 7, 0x80, 10, 0x80, 8, 0x80, 11, 0x80, 0x80, 0x80, 0x80, 0x80);
        var repeat = Vector256.Create(0, 0, 0, 0, 1, 1, 1, 1);
        fixed (int* lowPairs = weights.LowPairs, highPairs = weights.HighPairs, firstTaps = weights.FirstTaps, tapCounts = weights.TapCounts)
        {
            for (var x = 0; x < weights.Count; x++)
            {
                var row0 = source + ((long)firstTaps[x] * Channels);
                var row1 = row0 + sourceStride;
                var row2 = row1 + sourceStride;
                var row3 = row2 + sourceStride;
                var low = (long*)(lowPairs + ((long)x * weights.Stride / 2));
                var high = (long*)(highPairs + ((long)x * weights.Stride / 2));
                Vector256<int> low0 = default, low1 = default, low2 = default, low3 = default;
                Vector256<int> high0 = default, high1 = default, high2 = default, high3 = default;
                var end = (tapCounts[x] + 3) / 4 * (4 * Channels);
                for (var offset = 0; offset < end; offset += 4 * Channels)
                {
                    var lowWeights = Avx2.PermuteVar8x32(Vector256.CreateScalarUnsafe(*low++).AsInt32(), repeat).AsInt16();
                    var highWeights = Avx2.PermuteVar8x32(Vector256.CreateScalarUnsafe(*high++).AsInt32(), repeat).AsInt16();

                    var samples = Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(row0 + offset), spread).AsInt16();
                    low0 += Avx2.MultiplyAddAdjacent(samples, lowWeights);
                    high0 += Avx2.MultiplyAddAdjacent(samples, highWeights);

                    samples = Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(row1 + offset), spread).AsInt16();
                    low1 += Avx2.MultiplyAddAdjacent(samples, lowWeights);
                    high1 += Avx2.MultiplyAddAdjacent(samples, highWeights);

                    samples = Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(row2 + offset), spread).AsInt16();
                    low2 += Avx2.MultiplyAddAdjacent(samples, lowWeights);
                    high2 += Avx2.MultiplyAddAdjacent(samples, highWeights);

                    samples = Avx2.Shuffle(Avx2.BroadcastVector128ToVector256(row3 + offset), spread).AsInt16();
                    low3 += Avx2.MultiplyAddAdjacent(samples, lowWeights);
                    high3 += Avx2.MultiplyAddAdjacent(samples, highWeights);
                }

                var pixel = destination + ((long)x * Channels);
                Store(Fold(low0, high0), pixel);
                Store(Fold(low1, high1), pixel + destinationStride);
                Store(Fold(low2, high2), pixel + (2 * (long)destinationStride));
                Store(Fold(low3, high3), pixel + (3 * (long)destinationStride));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Fold(Vector256<int> low, Vector256<int> high)
    {
        var sum = low + (high << LowBits);
        return sum.GetLower() + sum.GetUpper() + Vector128.Create(Half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<int> sum, byte* pixel)
    {
        var value = Vector128.Min(Vector128.Max(sum >> ResampleWeights.PrecisionBits, Vector128<int>.Zero), Vector128.Create(255));
        var packed = Vector128.Shuffle(value.AsByte(), Vector128.Create((byte)0, 4, 8, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80)).AsUInt32().ToScalar();
        *(ushort*)pixel = (ushort)packed;
        pixel[2] = (byte)(packed >> 16);
    }

    private static byte Clip(int sum) => (byte)Math.Clamp(sum >> ResampleWeights.PrecisionBits, 0, 255);
}
