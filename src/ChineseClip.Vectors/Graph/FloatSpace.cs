using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;

namespace ChineseClip.Vectors.Graph;

/// <summary>Full float32 vectors.</summary>
internal readonly unsafe struct FloatSpace(ChunkedRows.View rows, float* query, int dimension) : IVectorSpace
{
    private const int FloatsPerCacheLine = 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Rank(int ordinal) => RankKey.FromScore(Score(ordinal));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Score(int ordinal) => FloatKernel.Dot(query, (float*)rows[ordinal], dimension);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int ordinal)
    {
        if (Sse.IsSupported)
        {
            float* row = (float*)rows[ordinal];
            for (int i = 0; i < dimension; i += FloatsPerCacheLine)
            {
                Sse.Prefetch0(row + i);
            }
        }
    }

    public float RoughScore(int rank) => RankKey.ToScore(rank);

    public float Distance(int left, int right) =>
        1 - FloatKernel.Dot((float*)rows[left], (float*)rows[right], dimension);
}
