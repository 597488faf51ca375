using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ChineseClip.Vectors.Graph;

/// <summary>Finds what matches by its sketches, and reads the codes only of what could be among the best.</summary>
/// <remarks>
/// A row is passed over when its estimate is more than <see cref="Deviations"/> standard deviations of an estimate below the k-th best rank
/// so far: the k-th itself in one search of fifteen, those before it more seldom the better they are.
/// </remarks>
internal static unsafe class SketchedSearch
{
    private const float Deviations = 1.5f;
    private const int Portion = 8192;
    private const int PrefetchAhead = 8;

    /// <summary>Ranks every live and matching row, a few thousand at a time.</summary>
    /// <remarks>
    /// Steps: (1) gather them; (2) estimate all; (3) rank the best estimates by their codes, which tells what it takes to be among the best;
    /// (4) rank the others whose estimates come near that.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static CandidatePool Scan(GraphStore store, SketchSpace sketches, SearchRequest request, SearchContext context)
    {
        CandidatePool pool = context.OpenPool(request.RerankCount);
        CodeSpace codes = request.Codes;
        int margin = (int)(Deviations * sketches.Deviation);
        int* rows = context.Unvisited(3 * (Portion + FilterBits.BitsPerWord));
        int* ranks = rows + Portion + FilterBits.BitsPerWord;
        uint* numbers = (uint*)(ranks + Portion + FilterBits.BitsPerWord);
        int next = 0;
        while (true)
        {
            request.CancellationToken.ThrowIfCancellationRequested();
            int count = Gather(request, ref next, rows);    // Step 1
            if (count == 0)
            {
                return pool;
            }
            context.ScoredCount += count;
            rows[count] = rows[count - 1];
            sketches.Estimate(rows, ranks, numbers, count + (count & 1));    // Step 2
            CandidatePool best = context.OpenFrontier(request.Hits.Length);
            CollectBest(ref best, ranks, count);
            foreach (long key in best.Keys)    // Step 3
            {
                codes.Prefetch(rows[RankKey.Ordinal(key)]);
            }
            foreach (long key in best.Keys)
            {
                int place = RankKey.Ordinal(key);
                ranks[place] = int.MinValue;
                Offer(ref pool, store, codes, rows[place]);
            }
            int promisingCount = Above(pool.RankAt(request.Hits.Length - 1, margin), rows, ranks, count);    // Step 4
            for (int i = 0; i < Math.Min(PrefetchAhead, promisingCount); i++)
            {
                codes.Prefetch(rows[i]);
            }
            for (int i = 0; i < promisingCount; i++)
            {
                if (i + PrefetchAhead < promisingCount)
                {
                    codes.Prefetch(rows[i + PrefetchAhead]);
                }
                Offer(ref pool, store, codes, rows[i]);
            }
        }
    }

    // The next matches from an ordinal on, a word of the filter at a time.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static int Gather(SearchRequest request, ref int next, int* rows)
    {
        int count = 0;
        int end = request.Snapshot.SlotCount;
        for (; count < Portion && next < end; next += FilterBits.BitsPerWord)
        {
            for (ulong rest = request.WordAt(next); rest != 0; rest &= rest - 1)
            {
                rows[count++] = next + BitOperations.TrailingZeroCount(rest);
            }
        }
        return count;
    }

    // The pool takes the places of the best in the list, in the place of ordinals. Few are: eight are tried at once.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void CollectBest(ref CandidatePool result, int* ranks, int count)
    {
        CandidatePool best = result;
        for (int i = 0; i < count; i += Vector256<int>.Count)
        {
            if (Vector256.GreaterThanAny(Vector256.Load(ranks + i), Vector256.Create(RankKey.Rank(best.Limit))))
            {
                for (int j = i; j < Math.Min(i + Vector256<int>.Count, count); j++)
                {
                    best.Insert(ranks[j], j);
                }
            }
        }
        result = best;
    }

    // Moves the rows whose ranks are above a limit to the front; returns how many.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static int Above(int limit, int* rows, int* ranks, int count)
    {
        int above = 0;
        for (int i = 0; i < count; i += Vector256<int>.Count)
        {
            if (Vector256.GreaterThanAny(Vector256.Load(ranks + i), Vector256.Create(limit)))
            {
                for (int j = i; j < Math.Min(i + Vector256<int>.Count, count); j++)
                {
                    rows[above] = rows[j];
                    above += ranks[j] > limit ? 1 : 0;
                }
            }
        }
        return above;
    }

    // Whether a row is live is asked only of those good enough: most are not, and it costs as much as the row itself.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Offer(ref CandidatePool pool, GraphStore store, CodeSpace codes, int ordinal)
    {
        int rank = codes.Rank(ordinal);
        if (pool.Admits(rank, ordinal) && store.State(ordinal) == NodeState.Live)
        {
            pool.Insert(rank, ordinal);
        }
    }
}
