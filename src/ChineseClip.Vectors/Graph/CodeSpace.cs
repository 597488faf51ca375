using System.Runtime.CompilerServices;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Quantization;

namespace ChineseClip.Vectors.Graph;

/// <summary>7-bit codes: a quarter of the bytes of <see cref="FloatSpace"/>, and search is bound by memory.</summary>
/// <remarks>
/// Rank is the integer dot product with the query. Distance is the squared Euclidean distance of two rows of codes, which for unit
/// vectors orders as the cosine does; it needs only the same dot product, since codes are valid signed bytes, too.
/// </remarks>
internal readonly unsafe struct CodeSpace(CodeBook book, sbyte* query, float scorePerRank) : IVectorSpace
{
    private readonly ChunkedRows.View _codes = book.CodeRows;
    private readonly ChunkedRows.View _squaredLengths = book.SquaredLengthRows;
    private readonly int _rowBytes = book.RowBytes;
    private readonly sbyte* _query = query;

    /// <summary>The codes of the query.</summary>
    public sbyte* Query => _query;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Rank(int ordinal) => CodeKernel.Dot(_codes[ordinal], _query, _rowBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int ordinal) => RowPrefetch.Start(_codes[ordinal], _rowBytes);

    /// <summary>Rank of a vector that is the mean.</summary>
    public int CentreRank
    {
        get
        {
            int sum = 0;
            for (int i = 0; i < _rowBytes; i++)
            {
                sum += _query[i];
            }
            return sum * ScalarQuantizer.Centre;
        }
    }

    public float RoughScore(int rank) => rank * scorePerRank;

    public float Distance(int left, int right) =>
        (float)(SquaredLength(left) + SquaredLength(right) - (2 * CodeKernel.Dot(_codes[left], (sbyte*)_codes[right], _rowBytes)));

    private int SquaredLength(int ordinal) => *(int*)_squaredLengths[ordinal];
}
