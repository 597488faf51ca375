using System.Runtime.CompilerServices;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;

namespace ChineseClip.Vectors.Graph;

/// <summary>Some thousand live nodes, spread evenly, whose sketches lie side by side: a search starts from the nearest of them.</summary>
/// <remarks>
/// Pictures lie in clusters, and a greedy way down the levels ends in one: for one query in a hundred in a wrong one, from which no walk of
/// usual effort gets away. The nearest of a sample lie in several, and cost less than the way down: their sketches are read in a row, where
/// each step down waits for memory.
/// Immutable; made anew now and then. Until then nodes may have been removed, or replaced by others, which are bad starts: whoever searches
/// asks for their state, and ranks them.
/// </remarks>
internal sealed unsafe class Landmarks
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
    private const int CountMultiple = Parts * SketchKernel.RowsAtOnce;

    private const int CacheLineBytes = 64;

    private readonly int[] _ordinals;

    // Pinned, so that the place of the first sketch, at the beginning of a line, stays one.
    private readonly byte[] _memory;
    private readonly int _firstSketch;

    private Landmarks(ReadOnlySpan<int> ordinals, ChunkedRows.View sketches)
    {
        _ordinals = new int[ordinals.Length];
        _memory = GC.AllocateUninitializedArray<byte>((ordinals.Length * SketchKernel.RowBytes) + CacheLineBytes, pinned: true);
        fixed (byte* memory = _memory)
        {
            _firstSketch = (int)(-(nint)memory & (CacheLineBytes - 1));
        }
        Span<byte> rows = _memory.AsSpan(_firstSketch);
        int count = 0;
        for (int part = 0; part < Parts; part++)
        {
            for (int i = part; i < ordinals.Length; i += Parts)
            {
                new ReadOnlySpan<byte>(sketches[ordinals[i]], SketchKernel.RowBytes).CopyTo(rows[(count * SketchKernel.RowBytes)..]);
                _ordinals[count++] = ordinals[i];
            }
        }
    }

    /// <summary>Chooses some of the live nodes; null where there are too few. Called by the writer.</summary>
    /// <param name="store">The nodes.</param>
    /// <param name="sketches">The sketch of every node.</param>
    public static Landmarks? Choose(GraphStore store, ChunkedRows.View sketches)
    {
        int slotCount = store.SlotCount;
        int most = Math.Clamp(slotCount / NodesPerLandmark, Math.Min(MinCount, slotCount / MinNodesPerLandmark), MaxCount);
        int[] ordinals = new int[most];
        int count = 0;
        int next = 0;
        for (int i = 0; i < most; i++)
        {
            int end = (int)((long)slotCount * (i + 1) / most);
            for (; next < end; next++)
            {
                if (store.State(next) == NodeState.Live)
                {
                    ordinals[count++] = next;
                    break;
                }
            }
            next = end;
        }
        count -= count % CountMultiple;
        return count == 0 ? null : new Landmarks(ordinals.AsSpan(0, count), sketches);
    }

    /// <summary>Writes the ordinals of the nearest, as sketches tell, the best first; returns how many.</summary>
    /// <param name="query">Of the same sketches.</param>
    /// <param name="context">Whose memory to work in.</param>
    /// <param name="starts">Takes them, <see cref="MaxStarts"/> at most.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public int FindNearest(SketchSpace query, SearchContext context, int* starts)
    {
        int count = _ordinals.Length;
        int startCount = Math.Clamp(count / LandmarksPerStart, MinStarts, MaxStarts);
        CandidatePool nearest = context.OpenFrontier(startCount);
        int* ranks = context.Estimates(count + CompactKernel.Slack);
        int* places = context.Unvisited(count + CompactKernel.Slack);
        fixed (byte* memory = _memory)
        {
            query.EstimateCopies(memory + _firstSketch, ranks, count);
        }
        int partCount = count / Parts;
        for (int i = 0; i < partCount; i++)
        {
            nearest.Insert(ranks[i], i);
        }
        int limit = nearest.RankAt(startCount - 1, margin: 0);
        int betterCount = CompactKernel.PlacesAbove(limit, ranks + partCount, count - partCount, places, count);
        for (int i = 0; i < betterCount; i++)
        {
            nearest.Insert(ranks[partCount + places[i]], partCount + places[i]);
        }
        for (int i = 0; i < nearest.Count; i++)
        {
            starts[i] = _ordinals[RankKey.Ordinal(nearest.Keys[i])];
        }
        return nearest.Count;
    }
}
