using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Quantization;

namespace ChineseClip.Vectors.Graph;

/// <summary>Estimates the ranks of <see cref="CodeSpace"/> from sketches: 32 bytes a row to read, whatever the dimension.</summary>
internal readonly unsafe struct SketchSpace
{
    private const int Ahead = 48;

    private readonly ChunkedRows.View _rows;
    private readonly sbyte* _weights;
    private readonly float _rankPerSum;
    private readonly float _offset;

    /// <param name="rows">The sketches.</param>
    /// <param name="query">The query and its weights.</param>
    /// <param name="weights">Those that the query was encoded to.</param>
    /// <param name="codesPerUnit">Codes a unit of the vectors' elements.</param>
    /// <param name="centreRank">The rank of a vector that is the mean.</param>
    public SketchSpace(ChunkedRows.View rows, SketchQuery query, sbyte* weights, float codesPerUnit, int centreRank)
    {
        _rows = rows;
        _weights = weights;
        _rankPerSum = query.Step * codesPerUnit;
        _offset = centreRank - (query.Offset * _rankPerSum);
    }

    /// <summary>Writes the estimates of some rows, whose sketches were fetched.</summary>
    /// <param name="ordinals">The rows; behind the last, room for <see cref="SketchKernel.RowsAtOnce"/> − 1 more.</param>
    /// <param name="ranks">Takes the estimates, with as much room more.</param>
    /// <param name="count">How many, at least one.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Estimate(int* ordinals, int* ranks, int count)
    {
        Pad(ordinals, count);
        for (int i = 0; i < count; i += SketchKernel.RowsAtOnce)
        {
            EstimateFour(_rows[ordinals[i]], _rows[ordinals[i + 1]], _rows[ordinals[i + 2]], _rows[ordinals[i + 3]], ranks + i);
        }
    }

    /// <summary>Writes the estimates of many rows in ascending order.</summary>
    /// <param name="ordinals">As of <see cref="Estimate"/>.</param>
    /// <param name="ranks">As of <see cref="Estimate"/>.</param>
    /// <param name="count">As of <see cref="Estimate"/>.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void EstimateAscending(int* ordinals, int* ranks, int count)
    {
        Pad(ordinals, count);
        for (int i = 0; i < Math.Min(Ahead, count); i++)
        {
            Prefetch(ordinals[i]);
        }
        byte* origin = null;
        int end = 0;
        for (int i = 0; i < count; i += SketchKernel.RowsAtOnce)
        {
            int last = ordinals[i + 3];
            if (last >= end)    // the four are the first of a chunk, or lie on both sides of its border
            {
                EstimateFour(_rows[ordinals[i]], _rows[ordinals[i + 1]], _rows[ordinals[i + 2]], _rows[last], ranks + i);
                origin = _rows.Origin(last);
                end = _rows.EndOfChunk(last);
                continue;
            }
            int* ahead = ordinals + (i + Ahead < count ? i + Ahead : i);
            Prefetch(origin, ahead[0]);
            Prefetch(origin, ahead[1]);
            Prefetch(origin, ahead[2]);
            Prefetch(origin, ahead[3]);
            EstimateFour(
                Row(origin, ordinals[i]), Row(origin, ordinals[i + 1]), Row(origin, ordinals[i + 2]), Row(origin, last), ranks + i);
        }
    }

    /// <summary>Writes the estimates of copies of sketches, one behind the other.</summary>
    /// <param name="copies">The sketches.</param>
    /// <param name="ranks">Takes the estimates.</param>
    /// <param name="count">How many, a multiple of <see cref="SketchKernel.RowsAtOnce"/>.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void EstimateCopies(byte* copies, int* ranks, int count)
    {
        for (int i = 0; i < count; i += SketchKernel.RowsAtOnce)
        {
            EstimateFour(Row(copies, i), Row(copies, i + 1), Row(copies, i + 2), Row(copies, i + 3), ranks + i);
        }
    }

    /// <summary>Starts fetching a sketch from memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int ordinal) => RowPrefetch.Start(_rows[ordinal], SketchKernel.RowBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Row(byte* origin, int ordinal) => origin + ((nint)ordinal * SketchKernel.RowBytes);

    // A row of another chunk is not there: a hint for nothing, which does no harm.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(byte* origin, int ordinal) => RowPrefetch.Start(Row(origin, ordinal), SketchKernel.RowBytes);

    // Behind the last row it is repeated until there are fours.
    private static void Pad(int* ordinals, int count)
    {
        for (int i = count; i % SketchKernel.RowsAtOnce != 0; i++)
        {
            ordinals[i] = ordinals[count - 1];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EstimateFour(byte* first, byte* second, byte* third, byte* fourth, int* ranks)
    {
        Vector128<int> sums = SketchKernel.Sums(first, second, third, fourth, _weights);
        Vector128<float> estimates = (Vector128.ConvertToSingle(sums) * _rankPerSum) + Vector128.Create(_offset);
        Vector128.ConvertToInt32Native(estimates).Store(ranks);
    }
}
