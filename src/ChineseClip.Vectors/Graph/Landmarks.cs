using System.Runtime.CompilerServices;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Quantization;

namespace ChineseClip.Vectors.Graph;

/// <summary>Some thousand nodes, spread evenly, whose sketches lie side by side: a search starts from the nearest of them.</summary>
/// <remarks>
/// Pictures lie in clusters, and a greedy way down the levels ends in one: for one query in a hundred in a wrong one, from which no walk of
/// usual effort gets away. Several nodes that are the nearest of a sample end in all that matter, and cost less than the way down: their
/// sketches are read in a row, where each step down waits for memory.
/// A copy of each search context, renewed now and then. Until then nodes may have been removed, or replaced by others: a start from such a
/// node is a worse one, no more.
/// </remarks>
internal sealed unsafe class Landmarks : IDisposable
{
    /// <summary>The most that <see cref="FindNearest"/> finds.</summary>
    public const int MaxStarts = 8;

    private const int MinStarts = 4;
    private const int LandmarksPerStart = 256;

    private const int NodesPerLandmark = 256;
    private const int MinCount = 1024;
    private const int MaxCount = 4096;
    private const int MinNodesPerLandmark = 4;

    // One part of so many tells what a sketch must reach to be among the nearest; each part is spread evenly.
    private const int Parts = 8;
    private const int CountsAreMultiplesOf = Parts * SketchKernel.RowsAtOnce;

    // Renewed after so many searches, and when the index has grown by this part.
    private const int MaxUses = 1024;
    private const int PartOfGrowth = 8;

    private readonly NativeBuffer<byte> _sketches = new();
    private readonly NativeBuffer<int> _ordinals = new();
    private readonly NativeBuffer<int> _ranks = new();
    private readonly NativeBuffer<int> _places = new();
    private readonly NativeBuffer<long> _nearest = new();
    private CodeBook? _book;
    private int _slotCount;
    private int _count;
    private int _useCount;

    /// <summary>Writes the ordinals of the landmarks nearest to a query, as sketches tell, the best first; returns how many.</summary>
    /// <param name="book">Whose sketches.</param>
    /// <param name="query">The query's.</param>
    /// <param name="slotCount">How many nodes there are.</param>
    /// <param name="starts">Takes them, <see cref="MaxStarts"/> at most. They may have been removed.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public int FindNearest(CodeBook book, SketchSpace query, int slotCount, int* starts)
    {
        if (book != _book || slotCount - _slotCount > _slotCount / PartOfGrowth || ++_useCount > MaxUses)
        {
            Renew(book, slotCount);
        }
        if (_count == 0)
        {
            return 0;
        }
        int startCount = Math.Clamp(_count / LandmarksPerStart, MinStarts, MaxStarts);
        CandidatePool nearest = new(_nearest.Reserve(startCount), startCount);
        int* ranks = _ranks.Pointer;
        int* ordinals = _ordinals.Pointer;
        query.EstimateCopies(_sketches.Pointer, ranks, _count);
        int first = _count / Parts;
        for (int i = 0; i < first; i++)
        {
            nearest.Insert(ranks[i], ordinals[i]);
        }
        int limit = nearest.RankAt(startCount - 1, margin: 0);
        int* places = _places.Pointer;
        int betterCount = CompactKernel.PlacesAbove(limit, ranks + first, _count - first, places, _count);
        for (int i = 0; i < betterCount; i++)
        {
            int place = first + places[i];
            nearest.Insert(ranks[place], ordinals[place]);
        }
        for (int i = 0; i < nearest.Count; i++)
        {
            starts[i] = RankKey.Ordinal(nearest.Keys[i]);
        }
        return nearest.Count;
    }

    public void Dispose()
    {
        _sketches.Dispose();
        _ordinals.Dispose();
        _ranks.Dispose();
        _places.Dispose();
        _nearest.Dispose();
    }

    private void Renew(CodeBook book, int slotCount)
    {
        int count = Math.Clamp(slotCount / NodesPerLandmark, Math.Min(MinCount, slotCount / MinNodesPerLandmark), MaxCount);
        count -= count % CountsAreMultiplesOf;
        byte* sketches = _sketches.Reserve(count * SketchKernel.RowBytes);
        int* ordinals = _ordinals.Reserve(count);
        _ranks.Reserve(count + CompactKernel.Slack);
        _places.Reserve(count + CompactKernel.Slack);
        int copied = 0;
        for (int part = 0; part < Parts; part++)
        {
            for (int i = part; i < count; i += Parts)
            {
                int ordinal = (int)((long)slotCount * i / count);
                ordinals[copied] = ordinal;
                Buffer.MemoryCopy(
                    book.SketchRows[ordinal], sketches + (copied * SketchKernel.RowBytes), SketchKernel.RowBytes, SketchKernel.RowBytes);
                copied++;
            }
        }
        (_book, _slotCount, _count, _useCount) = (book, slotCount, count, 0);
    }
}
