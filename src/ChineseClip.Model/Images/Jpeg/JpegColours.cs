using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ChineseClip.Model.Images.Jpeg;

/// <summary>Rows of luma and chroma to rows of RGB, by the whole-number steps that libjpeg takes.</summary>
/// <remarks>
/// Buffers have room for <see cref="Padding"/> more elements behind their end; what is written there means nothing.
/// Source: libjpeg-turbo 2.1, jdsample.c ("fancy upsampling") and jdcolor.c.
/// </remarks>
internal static unsafe class JpegColours
{
    public const int Padding = 64;
    private const int AtOnce = 16;

    /// <summary>Twice as many samples along x, each nearer one counting three quarters.</summary>
    /// <param name="samples">With one more on either side.</param>
    /// <param name="count">Samples.</param>
    /// <param name="wide">Receives twice as many.</param>
    /// <param name="shift">2 for samples as they are, 4 for sums of four of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen(ushort* samples, int count, byte* wide, int shift)
    {
        // Halves are rounded up and down in turn, so that none of both has the upper hand.
        samples[-1] = samples[0];
        samples[count] = samples[count - 1];
        var leftBias = Vector256.Create((ushort)(shift == 2 ? 1 : 8));
        var rightBias = Vector256.Create((ushort)(shift == 2 ? 2 : 7));
        for (var x = 0; x < count; x += AtOnce)
        {
            var here = Vector256.Load(samples + x);
            here += here + here;
            var left = (here + Vector256.Load(samples + x - 1) + leftBias) >>> shift;
            var right = (here + Vector256.Load(samples + x + 1) + rightBias) >>> shift;
            (left | (right << 8)).AsByte().Store(wide + (2 * x));
        }
    }

    /// <summary>Bytes to numbers of 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Spread(byte* row, int count, ushort* samples)
    {
        for (var x = 0; x < count; x += AtOnce)
        {
            Avx2.ConvertToVector256Int16(row + x).AsUInt16().Store(samples + x);
        }
    }

    /// <summary>Three times the nearer row plus the farther one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Blend(byte* near, byte* far, int count, ushort* samples)
    {
        for (var x = 0; x < count; x += AtOnce)
        {
            var here = Avx2.ConvertToVector256Int16(near + x);
            (here + here + here + Avx2.ConvertToVector256Int16(far + x)).AsUInt16().Store(samples + x);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FromGray(byte* luma, int count, byte* rgb)
    {
        for (var x = 0; x < count; x += AtOnce)
        {
            var gray = Vector128.Load(luma + x);
            StorePixels(gray, gray, gray, rgb + (3 * x));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FromYCbCr(byte* luma, byte* blue, byte* red, int count, byte* rgb)
    {
        var centre = Vector256.Create((short)128);
        var one = Vector256.Create((short)1);

        // Factors times 2^16, less whole numbers: 1.402 - 1, 1.772 - 2, and -0.34414 with 1 - 0.71414.
        var redFactor = Vector256.Create((short)26345);
        var blueFactor = Vector256.Create((short)-14942);
        var greenFactors = Vector256.Create(unchecked((18734 << 16) | (ushort)-22554)).AsInt16();
        var half = Vector256.Create(1 << 15);
        for (var x = 0; x < count; x += AtOnce)
        {
            var y = Avx2.ConvertToVector256Int16(luma + x);
            var cb = Avx2.ConvertToVector256Int16(blue + x) - centre;
            var cr = Avx2.ConvertToVector256Int16(red + x) - centre;

            // Twice the number, so that one bit is left to round by.
            var r = y + cr + ((Avx2.MultiplyHigh(cr + cr, redFactor) + one) >> 1);
            var b = y + cb + cb + ((Avx2.MultiplyHigh(cb + cb, blueFactor) + one) >> 1);
            var low = (Avx2.MultiplyAddAdjacent(Avx2.UnpackLow(cb, cr), greenFactors) + half) >> 16;
            var high = (Avx2.MultiplyAddAdjacent(Avx2.UnpackHigh(cb, cr), greenFactors) + half) >> 16;
            var g = y - cr + Avx2.PackSignedSaturate(low, high);
            StorePixels(ToBytes(r), ToBytes(g), ToBytes(b), rgb + (3 * x));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> ToBytes(Vector256<short> numbers) =>
        Sse2.PackUnsignedSaturate(numbers.GetLower(), numbers.GetUpper());

    /// <summary>16 pixels; each store of four writes four bytes too many, which the next one overwrites.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StorePixels(Vector128<byte> r, Vector128<byte> g, Vector128<byte> b, byte* rgb)
    {
        var order = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 0x80, 0x80, 0x80, 0x80);
        var redGreen = Sse2.UnpackLow(r, g).AsInt16();
        var blueOnly = Sse2.UnpackLow(b, b).AsInt16();
        Ssse3.Shuffle(Sse2.UnpackLow(redGreen, blueOnly).AsByte(), order).Store(rgb);
        Ssse3.Shuffle(Sse2.UnpackHigh(redGreen, blueOnly).AsByte(), order).Store(rgb + 12);
        redGreen = Sse2.UnpackHigh(r, g).AsInt16();
        blueOnly = Sse2.UnpackHigh(b, b).AsInt16();
        Ssse3.Shuffle(Sse2.UnpackLow(redGreen, blueOnly).AsByte(), order).Store(rgb + 24);
        Ssse3.Shuffle(Sse2.UnpackHigh(redGreen, blueOnly).AsByte(), order).Store(rgb + 36);
    }
}
