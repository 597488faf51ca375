using System.Runtime.CompilerServices;

namespace ChineseClip.Vectors.Graph;

/// <summary>Best-first search of one level (Malkov and Yashunin, Algorithms 2 and 5).</summary>
internal static unsafe class LayerTraversal
{
    /// <summary>How many rows are being fetched from memory while one is ranked.</summary>
    private const int PrefetchAhead = 6;

    /// <summary>Step 1: descends greedily through the levels above <paramref name="level"/>; returns the node reached.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Descend<TSpace>(
        GraphStore store, TSpace space, GraphSnapshot snapshot, int level, SearchContext context)
        where TSpace : struct, IVectorSpace
    {
        int best = snapshot.Entry;
        int bestRank = space.Rank(best);
        int* nodes = context.Unvisited(store.M);
        for (int l = snapshot.EntryLevel; l > level; l--)
        {
            bool moved = true;
            while (moved)
            {
                moved = false;
                int count = CopyRow(store.Row(best, l), store.M, snapshot.SlotCount, nodes);
                for (int i = 0; i < count; i++)
                {
                    space.Prefetch(nodes[i]);
                }
                for (int i = 0; i < count; i++)
                {
                    int rank = space.Rank(nodes[i]);
                    if (rank > bestRank)
                    {
                        (best, bestRank, moved) = (nodes[i], rank, true);
                    }
                }
                context.VisitedCount++;
                context.ScoredCount += count;
            }
        }
        return best;
    }

    private static int CopyRow(int* row, int slots, int slotCount, int* nodes)
    {
        int count = 0;
        for (int i = 0; i < slots; i++)
        {
            int node = Volatile.Read(ref row[i]);    // read once: the writer may change it
            if (node < 0)
            {
                break;
            }
            if (node < slotCount)
            {
                nodes[count++] = node;
            }
        }
        return count;
    }

    /// <summary>Step 2: ranks a node from which <see cref="Fill"/> is to start.</summary>
    public static void AddStart<TSpace, TNeighborhood>(
        ref CandidatePool pool, TSpace space, TNeighborhood neighborhood, int start, SearchContext context)
        where TSpace : struct, IVectorSpace
        where TNeighborhood : struct, INeighborhood
    {
        if (neighborhood.TryMark(start))
        {
            pool.Insert(space.Rank(start), start);
            context.ScoredCount++;
        }
    }

    /// <summary>Step 3: fills the pool with the nearest nodes that can be reached from those in it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Fill<TSpace, TNeighborhood>(
        ref CandidatePool result, TSpace space, TNeighborhood neighborhood, SearchContext context,
        CancellationToken cancellationToken = default)
        where TSpace : struct, IVectorSpace
        where TNeighborhood : struct, INeighborhood
    {
        CandidatePool pool = result;    // a local copy stays in registers
        int* unvisited = context.Unvisited(neighborhood.MaxCount);
        int visitedCount = 0;
        int scoredCount = 0;
        while (pool.TryTakeBest(out int node))
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = neighborhood.Gather(node, unvisited);
            int next = pool.PeekNext();
            if (next >= 0)
            {
                neighborhood.Prefetch(next);
            }
            RankAll(ref pool, space, unvisited, count);
            visitedCount++;
            scoredCount += count;
        }
        result = pool;
        context.VisitedCount += visitedCount;
        context.ScoredCount += scoredCount;
    }

    /// <summary>Offers nodes to the pool; while one is ranked the next are on their way from memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RankAll<TSpace>(ref CandidatePool pool, TSpace space, int* nodes, int count)
        where TSpace : struct, IVectorSpace
    {
        for (int i = 0; i < Math.Min(count, PrefetchAhead); i++)
        {
            space.Prefetch(nodes[i]);
        }
        for (int i = 0; i < count; i++)
        {
            if (i + PrefetchAhead < count)
            {
                space.Prefetch(nodes[i + PrefetchAhead]);
            }
            pool.Insert(space.Rank(nodes[i]), nodes[i]);
        }
    }
}
