using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using ChineseClip.Vectors.Kernels;

namespace ChineseClip.Vectors.Graph;

/// <summary>Finds what matches by its sketches, and reads the codes only of what could be among the best.</summary>
/// <remarks>
/// A row is passed over when its estimate is more than <see cref="Deviations"/> standard deviations of an estimate below the k-th best rank
/// so far: the k-th itself in one search of fifteen, those before it more seldom the better they are. A row of codes is many lines from
/// memory, so how soon the limit is nearly right decides how long a search takes.
/// </remarks>
internal static unsafe class SketchedSearch
{
    private const float Deviations = 1.5f;
    private const int Portion = 8192;

    // Within a portion the limit is read anew after so many.
    private const int Block = 1024;

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
            int count = request.GatherMatching(ref next, Portion, rows);    // Step 1
            if (count == 0)
            {
                return pool;
            }
            context.ScoredCount += count;
            rows[count] = rows[count - 1];
            sketches.Estimate(rows, ranks, numbers, count + (count & 1));    // Step 2
            CandidatePool best = context.OpenFrontier(request.RerankCount);
            CollectBest(ref best, ranks, count);
            int bestCount = 0;
            foreach (long key in best.Keys)    // Step 3
            {
                int place = RankKey.Ordinal(key);
                ranks[place] = int.MinValue;    // not once more in step 4
                numbers[bestCount++] = (uint)rows[place];
            }
            HnswSearcher.RankLive(ref pool, store, codes, (int*)numbers, bestCount);
            for (int first = 0; first < count; first += Block)    // Step 4
            {
                int limit = pool.RankAt(request.Hits.Length - 1, margin);
                int promising = CompactKernel.Above(limit, rows + first, ranks + first, Math.Min(Block, count - first));
                HnswSearcher.RankLive(ref pool, store, codes, rows + first, promising);
            }
        }
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
}
