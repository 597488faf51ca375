using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace ChineseClip.Vectors.Graph;

/// <summary>Best-first search of one level (Malkov and Yashunin, Algorithms 2 and 5).</summary>
internal static unsafe class LayerTraversal
{
    /// <summary>How many rows are being fetched from memory while one is ranked.</summary>
    private const int PrefetchAhead = 6;

    /// <summary>Step 1: descends greedily through the levels above <paramref name="level"/>; returns the node reached.</summary>
    public static int Descend<TSpace>(
        GraphStore store, TSpace space, GraphSnapshot snapshot, int level, SearchContext context)
        where TSpace : struct, IVectorSpace
    {
        int best = snapshot.Entry;
        int bestRank = space.Rank(best);
        context.ScoredCount++;
        for (int l = snapshot.EntryLevel; l > level; l--)
        {
            bool moved = true;
            while (moved)
            {
                moved = false;
                context.VisitedCount++;
                int* row = store.Row(best, l);
                for (int i = 0; i < store.M; i++)
                {
                    int node = Volatile.Read(ref row[i]);    // read once: the writer may change it
                    if (node < 0)
                    {
                        break;
                    }
                    if (node >= snapshot.SlotCount)
                    {
                        continue;
                    }
                    int rank = space.Rank(node);
                    context.ScoredCount++;
                    if (rank > bestRank)
                    {
                        (best, bestRank, moved) = (node, rank, true);
                    }
                }
            }
        }
        return best;
    }

    /// <summary>Step 2: fills the pool with the nearest nodes reachable from <paramref name="start"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Fill<TSpace, TRows>(
        ref CandidatePool result, TSpace space, TRows rows, int start, VisitedTags.View tags, SearchContext context,
        CancellationToken cancellationToken = default)
        where TSpace : struct, IVectorSpace
        where TRows : struct, IEdgeRows
    {
        CandidatePool pool = result;    // a local copy stays in registers
        int* unvisited = context.Unvisited(rows.Slots);
        int visitedCount = 0;
        int scoredCount = 1;
        if (tags.TryMark(start))
        {
            pool.Insert(space.Rank(start), start);
        }
        while (pool.TryTakeBest(out int node))
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = tags.GatherUnvisited(rows.Row(node), rows.Slots, unvisited);
            for (int i = 0; i < Math.Min(count, PrefetchAhead); i++)
            {
                space.Prefetch(unvisited[i]);
            }
            PrefetchRow(rows, pool.PeekNext());
            for (int i = 0; i < count; i++)
            {
                if (i + PrefetchAhead < count)
                {
                    space.Prefetch(unvisited[i + PrefetchAhead]);
                }
                pool.Insert(space.Rank(unvisited[i]), unvisited[i]);
            }
            visitedCount++;
            scoredCount += count;
        }
        result = pool;
        context.VisitedCount += visitedCount;
        context.ScoredCount += scoredCount;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PrefetchRow<TRows>(TRows rows, int node) where TRows : struct, IEdgeRows
    {
        if (Sse.IsSupported && node >= 0)
        {
            int* row = rows.Row(node);
            Sse.Prefetch0(row);
            Sse.Prefetch0(row + 16);
        }
    }
}
