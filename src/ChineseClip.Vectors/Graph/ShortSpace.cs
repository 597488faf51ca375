using System.Runtime.CompilerServices;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Quantization;

namespace ChineseClip.Vectors.Graph;

/// <summary>Full vectors in 16 bits: the query is rounded likewise, so that scores are sums of integers and the same everywhere.</summary>
internal readonly unsafe struct ShortSpace(FullVectors vectors, short* query) : IVectorSpace
{
    private readonly ChunkedRows.View _rows = vectors.Rows;
    private readonly int _length = vectors.ShortsPerRow;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Rank(int ordinal) =>
        RankKey.FromScore(ShortKernel.Dot((short*)_rows[ordinal], query, _length) * ShortQuantizer.ScorePerUnit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int ordinal) => RowPrefetch.Start(_rows[ordinal], _length * sizeof(short));

    public float RoughScore(int rank) => RankKey.ToScore(rank);

    public float Distance(int left, int right) =>
        1 - (ShortKernel.Dot((short*)_rows[left], (short*)_rows[right], _length) * ShortQuantizer.ScorePerUnit);
}
