using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ChineseClip.Vectors.Kernels;

/// <summary>Writes those of many numbers that are chosen, one behind the other.</summary>
/// <remarks>Which are is as good as random, so there is no branch on it where the machine can do without. All variants write the same.</remarks>
internal static unsafe class CompactKernel
{
    /// <summary>Lists have room for so many numbers more.</summary>
    public const int Slack = 16;

    private const int BitsPerWord = 64;
    private const int BitsPerByte = 8;

    // For every byte the places of its set bits, a byte each, the lowest first.
    private static readonly ulong[] BitPlaces = [.. Enumerable.Range(0, 256).Select(bits =>
    {
        ulong places = 0;
        int count = 0;
        for (int place = 0; place < BitsPerByte; place++)
        {
            if ((bits >> place & 1) != 0)
            {
                places |= (ulong)place << (BitsPerByte * count++);
            }
        }
        return places;
    })];

    private static bool HasVbmi2 => Avx512Vbmi2.IsSupported && Vector512.IsHardwareAccelerated;

    private static bool Has512 => Avx512F.IsSupported && Vector512.IsHardwareAccelerated;

    /// <summary>For every bit that is set: its place plus <paramref name="first"/>. Returns how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SetBits(ulong word, int first, int* target) =>
        HasVbmi2 ? SetBitsVbmi2(word, first, target)
        : Has512 ? SetBits512(word, first, target)
        : Avx2.IsSupported ? SetBits256(word, first, target)
        : SetBitsScalar(word, first, target);

    /// <summary>For every bit that is set in some words: its place in all of them plus <paramref name="first"/>. Returns how many.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static int SetBits(ulong* words, int wordCount, int first, int* target)
    {
        int count = 0;
        for (int i = 0; i < wordCount; i++)
        {
            count += SetBits(words[i], first + (i * BitsPerWord), target + count);
        }
        return count;
    }

    /// <summary>Of numbers with ranks, those whose ranks are above a limit, in place. Returns how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Above(int limit, int* numbers, int* ranks, int count) =>
        Has512 ? Above512(limit, numbers, ranks, count) : Above256(limit, numbers, ranks, count);

    /// <summary>Writes where in a list the ranks are that are above a limit, the first <paramref name="most"/> of them. Returns how many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int PlacesAbove(int limit, int* ranks, int count, int* places, int most) =>
        Has512 ? PlacesAbove512(limit, ranks, count, places, most) : PlacesAbove256(limit, ranks, count, places, most);

    /// <summary>How many ranks are above a limit.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static int CountAbove(int limit, int* ranks, int count)
    {
        Vector256<int> counts = default;
        int i = 0;
        for (; i <= count - Vector256<int>.Count; i += Vector256<int>.Count)
        {
            counts -= Vector256.GreaterThan(Vector256.Load(ranks + i), Vector256.Create(limit));    // -1 where above
        }
        int above = Vector256.Sum(counts);
        for (; i < count; i++)
        {
            above += ranks[i] > limit ? 1 : 0;
        }
        return above;
    }

    // All places at once as bytes; sixteen are widened at a time, which for few bits is once.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SetBitsVbmi2(ulong word, int first, int* target)
    {
        Vector512<byte> bitOfLane = Vector512.Create(0x8040201008040201UL).AsByte();
        Vector512<byte> byteOfLane = Vector512<byte>.Indices >> 3;
        Vector512<byte> bits = Avx512BW.Shuffle(Vector512.Create(word).AsByte(), byteOfLane) & bitOfLane;
        Vector512<byte> places = Avx512Vbmi2.Compress(
            Vector512<byte>.Zero, Vector512.Equals(bits, bitOfLane), Vector512<byte>.Indices);
        int count = BitOperations.PopCount(word);
        Widen(places.GetLower().GetLower(), first, target);
        if (count > Vector512<int>.Count)
        {
            Widen(places.GetLower().GetUpper(), first, target + Vector512<int>.Count);
        }
        if (count > 2 * Vector512<int>.Count)
        {
            Widen(places.GetUpper().GetLower(), first, target + (2 * Vector512<int>.Count));
        }
        if (count > 3 * Vector512<int>.Count)
        {
            Widen(places.GetUpper().GetUpper(), first, target + (3 * Vector512<int>.Count));
        }
        return count;

        static void Widen(Vector128<byte> places, int first, int* target) =>
            (Avx512F.ConvertToVector512Int32(places) + Vector512.Create(first)).Store(target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SetBits512(ulong word, int first, int* target)
    {
        Vector512<int> bitOfLane = Vector512.Create(
            1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15);
        Vector512<int> numbers = Vector512.Create(first) + Vector512<int>.Indices;
        int count = 0;
        for (int place = 0; place < BitsPerWord; place += Vector512<int>.Count)
        {
            int bits = (ushort)(word >> place);
            Vector512<int> isSet = Vector512.Equals(Vector512.Create(bits) & bitOfLane, bitOfLane);
            Avx512F.Compress(Vector512<int>.Zero, isSet, numbers).Store(target + count);
            count += BitOperations.PopCount((uint)bits);
            numbers += Vector512.Create(Vector512<int>.Count);
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SetBits256(ulong word, int first, int* target)
    {
        int count = 0;
        Vector256<int> base8 = Vector256.Create(first);
        for (int place = 0; place < BitsPerWord; place += BitsPerByte)
        {
            byte bits = (byte)(word >> place);
            (Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(BitPlaces[bits]).AsByte()) + base8).Store(target + count);
            count += BitOperations.PopCount((uint)bits);
            base8 += Vector256.Create(BitsPerByte);
        }
        return count;
    }

    public static int SetBitsScalar(ulong word, int first, int* target)
    {
        int count = 0;
        for (ulong rest = word; rest != 0; rest &= rest - 1)
        {
            target[count++] = first + BitOperations.TrailingZeroCount(rest);
        }
        return count;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static int PlacesAbove512(int limit, int* ranks, int count, int* places, int most)
    {
        int above = 0;
        for (int i = 0; i < count && above < most; i += Vector512<int>.Count)
        {
            Vector512<int> isAbove = Vector512.GreaterThan(Vector512.Load(ranks + i), Vector512.Create(limit));
            isAbove &= Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count - i));
            Avx512F.Compress(Vector512<int>.Zero, isAbove, Vector512<int>.Indices + Vector512.Create(i)).Store(places + above);
            above += BitOperations.PopCount(isAbove.ExtractMostSignificantBits());
        }
        return Math.Min(above, most);
    }

    // Where few are above, eight are passed over at once.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static int PlacesAbove256(int limit, int* ranks, int count, int* places, int most)
    {
        int above = 0;
        for (int i = 0; i < count; i += Vector256<int>.Count)
        {
            if (Vector256.GreaterThanAny(Vector256.Load(ranks + i), Vector256.Create(limit)))
            {
                for (int j = i; j < Math.Min(i + Vector256<int>.Count, count) && above < most; j++)
                {
                    places[above] = j;
                    above += ranks[j] > limit ? 1 : 0;
                }
            }
        }
        return above;
    }

    // What is moved was read before, so that writing behind it does no harm.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static int Above512(int limit, int* numbers, int* ranks, int count)
    {
        int above = 0;
        for (int i = 0; i < count; i += Vector512<int>.Count)
        {
            Vector512<int> isAbove = Vector512.GreaterThan(Vector512.Load(ranks + i), Vector512.Create(limit));
            isAbove &= Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count - i));
            Avx512F.Compress(Vector512<int>.Zero, isAbove, Vector512.Load(numbers + i)).Store(numbers + above);
            above += BitOperations.PopCount(isAbove.ExtractMostSignificantBits());
        }
        return above;
    }

    // Where few are above, eight are passed over at once.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static int Above256(int limit, int* numbers, int* ranks, int count)
    {
        int above = 0;
        for (int i = 0; i < count; i += Vector256<int>.Count)
        {
            if (Vector256.GreaterThanAny(Vector256.Load(ranks + i), Vector256.Create(limit)))
            {
                for (int j = i; j < Math.Min(i + Vector256<int>.Count, count); j++)
                {
                    numbers[above] = numbers[j];
                    above += ranks[j] > limit ? 1 : 0;
                }
            }
        }
        return above;
    }
}
