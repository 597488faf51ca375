using System.Runtime.CompilerServices;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;

namespace ChineseClip.Vectors.Graph;

/// <summary>Full float32 vectors.</summary>
internal readonly unsafe struct FloatSpace(ChunkedRows.View rows, float* query, int dimension) : IVectorSpace
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Rank(int ordinal) => RankKey.FromScore(Score(ordinal));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Score(int ordinal) => FloatKernel.Dot(query, (float*)rows[ordinal], dimension);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int ordinal) => RowPrefetch.Start(rows[ordinal], dimension * sizeof(float));

    public float RoughScore(int rank) => RankKey.ToScore(rank);

    public float Distance(int left, int right) =>
        1 - FloatKernel.Dot((float*)rows[left], (float*)rows[right], dimension);
}
