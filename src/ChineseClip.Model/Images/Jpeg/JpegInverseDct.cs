using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ChineseClip.Model.Images.Jpeg;

/// <summary>The inverse cosine transform of one block, by the whole-number steps that libjpeg takes.</summary>
/// <remarks>
/// Compiled in full at the first call, as all loops over pixels are: a process may decode only one picture.
/// Range: exact for blocks whose magnitudes sum to at most <see cref="LargestSum"/>; no real picture gives more.
/// Source: C. Loeffler, A. Ligtenberg, G. Moschytz, Practical fast 1-D DCT algorithms with 11 multiplications, ICASSP 1989;
/// libjpeg 6b, jidctint.c, for the scaling and the rounding.
/// </remarks>
internal static unsafe class JpegInverseDct
{
    /// <summary>A block of noise as strong as 8 bits allow sums to 2^13, and its quantization errors to as much again.</summary>
    public const int LargestSum = 1 << 14;

    private const int ConstantBits = 13;
    private const int ExtraBits = 2;

    /// <summary>Writes 8 rows of 8 samples.</summary>
    /// <param name="block">[8, 8] coefficients, multiplied by their steps.</param>
    /// <param name="samples">The block's first sample.</param>
    /// <param name="stride">Bytes from row to row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(int* block, byte* samples, int stride)
    {
        // Step 1: along the columns.
        var v0 = Vector256.Load(block);
        var v1 = Vector256.Load(block + 8);
        var v2 = Vector256.Load(block + 16);
        var v3 = Vector256.Load(block + 24);
        var v4 = Vector256.Load(block + 32);
        var v5 = Vector256.Load(block + 40);
        var v6 = Vector256.Load(block + 48);
        var v7 = Vector256.Load(block + 56);
        Transform(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7, ConstantBits - ExtraBits);

        // Step 2: along the rows.
        Transpose(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7);
        Transform(ref v0, ref v1, ref v2, ref v3, ref v4, ref v5, ref v6, ref v7, ConstantBits + ExtraBits + 3);

        // Step 3: columns of 32 bits to rows of bytes; each half of a vector holds four of the rows.
        var pair04 = Avx2.PackSignedSaturate(v0, v4);
        var pair15 = Avx2.PackSignedSaturate(v1, v5);
        var pair26 = Avx2.PackSignedSaturate(v2, v6);
        var pair37 = Avx2.PackSignedSaturate(v3, v7);
        var left01 = Avx2.UnpackLow(pair04, pair15).AsInt32();
        var right01 = Avx2.UnpackHigh(pair04, pair15).AsInt32();
        var left23 = Avx2.UnpackLow(pair26, pair37).AsInt32();
        var right23 = Avx2.UnpackHigh(pair26, pair37).AsInt32();
        var left = Avx2.UnpackLow(left01, left23).AsInt64();
        var right = Avx2.UnpackLow(right01, right23).AsInt64();
        var lowerLeft = Avx2.UnpackHigh(left01, left23).AsInt64();
        var lowerRight = Avx2.UnpackHigh(right01, right23).AsInt64();
        var centre = Vector256.Create((short)128);
        var rows0145 = Avx2.PackUnsignedSaturate(
            Avx2.AddSaturate(Avx2.UnpackLow(left, right).AsInt16(), centre),
            Avx2.AddSaturate(Avx2.UnpackHigh(left, right).AsInt16(), centre)).AsUInt64();
        var rows2367 = Avx2.PackUnsignedSaturate(
            Avx2.AddSaturate(Avx2.UnpackLow(lowerLeft, lowerRight).AsInt16(), centre),
            Avx2.AddSaturate(Avx2.UnpackHigh(lowerLeft, lowerRight).AsInt16(), centre)).AsUInt64();
        StorePair(rows0145.GetLower(), samples, stride);
        StorePair(rows2367.GetLower(), samples + (2L * stride), stride);
        StorePair(rows0145.GetUpper(), samples + (4L * stride), stride);
        StorePair(rows2367.GetUpper(), samples + (6L * stride), stride);
    }

    /// <summary>The same for a block of which only the first coefficient is not 0.</summary>
    public static void RunFlat(int first, byte* samples, int stride)
    {
        const int Shift = ExtraBits + 3;
        var value = (byte)Math.Clamp((((first << ExtraBits) + (1 << (Shift - 1))) >> Shift) + 128, 0, 255);
        var row = value * 0x0101_0101_0101_0101UL;
        for (var y = 0; y < 8; y++)
        {
            *(ulong*)(samples + ((long)y * stride)) = row;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePair(Vector128<ulong> rows, byte* samples, int stride)
    {
        *(ulong*)samples = rows.ToScalar();
        *(ulong*)(samples + stride) = rows.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transform(
        ref Vector256<int> v0, ref Vector256<int> v1, ref Vector256<int> v2, ref Vector256<int> v3,
        ref Vector256<int> v4, ref Vector256<int> v5, ref Vector256<int> v6, ref Vector256<int> v7, int shift)
    {
        // Step a: even inputs. Numbers are cosines and sums of them, times 2^13.
        var common = (v2 + v6) * 4433;
        var even2 = common - (v6 * 15137);
        var even3 = common + (v2 * 6270);
        var even0 = (v0 + v4) << ConstantBits;
        var even1 = (v0 - v4) << ConstantBits;
        var rounding = Vector256.Create(1 << (shift - 1));
        var sum0 = even0 + even3 + rounding;
        var sum3 = even0 - even3 + rounding;
        var sum1 = even1 + even2 + rounding;
        var sum2 = even1 - even2 + rounding;

        // Step b: odd inputs.
        var z3 = v7 + v3;
        var z4 = v5 + v1;
        var z5 = (z3 + z4) * 9633;
        var z1 = (v7 + v1) * -7373;
        var z2 = (v5 + v3) * -20995;
        z3 = (z3 * -16069) + z5;
        z4 = (z4 * -3196) + z5;
        var odd0 = (v7 * 2446) + z1 + z3;
        var odd1 = (v5 * 16819) + z2 + z4;
        var odd2 = (v3 * 25172) + z2 + z3;
        var odd3 = (v1 * 12299) + z1 + z4;

        // Step c: both together, scaled back.
        v0 = (sum0 + odd3) >> shift;
        v7 = (sum0 - odd3) >> shift;
        v1 = (sum1 + odd2) >> shift;
        v6 = (sum1 - odd2) >> shift;
        v2 = (sum2 + odd1) >> shift;
        v5 = (sum2 - odd1) >> shift;
        v3 = (sum3 + odd0) >> shift;
        v4 = (sum3 - odd0) >> shift;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        ref Vector256<int> v0, ref Vector256<int> v1, ref Vector256<int> v2, ref Vector256<int> v3,
        ref Vector256<int> v4, ref Vector256<int> v5, ref Vector256<int> v6, ref Vector256<int> v7)
    {
        var a0 = Avx2.UnpackLow(v0, v1).AsInt64();
        var a1 = Avx2.UnpackHigh(v0, v1).AsInt64();
        var a2 = Avx2.UnpackLow(v2, v3).AsInt64();
        var a3 = Avx2.UnpackHigh(v2, v3).AsInt64();
        var a4 = Avx2.UnpackLow(v4, v5).AsInt64();
        var a5 = Avx2.UnpackHigh(v4, v5).AsInt64();
        var a6 = Avx2.UnpackLow(v6, v7).AsInt64();
        var a7 = Avx2.UnpackHigh(v6, v7).AsInt64();
        var b0 = Avx2.UnpackLow(a0, a2).AsInt32();
        var b1 = Avx2.UnpackHigh(a0, a2).AsInt32();
        var b2 = Avx2.UnpackLow(a1, a3).AsInt32();
        var b3 = Avx2.UnpackHigh(a1, a3).AsInt32();
        var b4 = Avx2.UnpackLow(a4, a6).AsInt32();
        var b5 = Avx2.UnpackHigh(a4, a6).AsInt32();
        var b6 = Avx2.UnpackLow(a5, a7).AsInt32();
        var b7 = Avx2.UnpackHigh(a5, a7).AsInt32();
        v0 = Avx2.Permute2x128(b0, b4, 0x20);
        v1 = Avx2.Permute2x128(b1, b5, 0x20);
        v2 = Avx2.Permute2x128(b2, b6, 0x20);
        v3 = Avx2.Permute2x128(b3, b7, 0x20);
        v4 = Avx2.Permute2x128(b0, b4, 0x31);
        v5 = Avx2.Permute2x128(b1, b5, 0x31);
        v6 = Avx2.Permute2x128(b2, b6, 0x31);
        v7 = Avx2.Permute2x128(b3, b7, 0x31);
    }
}
