using System.Runtime.CompilerServices;

namespace ChineseClip.Vectors.Graph;

/// <summary>
/// A candidate in one sortable 64-bit word: the complement of its rank (so that ascending keys are descending ranks), its ordinal
/// (so that ties are in ascending order of ordinal), and lowest the bit that says its neighbours have been looked at.
/// </summary>
internal static class RankKey
{
    public const long Expanded = 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Create(int rank, int ordinal) => ((long)~rank << 32) | ((long)ordinal << 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Ordinal(long key) => (int)((uint)key >> 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Rank(long key) => ~(int)(key >> 32);

    /// <summary>An integer in the order of the float; its own inverse by <see cref="ToScore"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FromScore(float score)
    {
        int bits = BitConverter.SingleToInt32Bits(score + 0f);    // + 0 makes -0 and 0 one value
        return bits ^ ((bits >> 31) & int.MaxValue);
    }

    public static float ToScore(int rank) => BitConverter.Int32BitsToSingle(rank ^ ((rank >> 31) & int.MaxValue));
}
