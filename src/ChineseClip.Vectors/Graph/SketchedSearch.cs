using System.Runtime.CompilerServices;
using ChineseClip.Vectors.Kernels;

namespace ChineseClip.Vectors.Graph;

/// <summary>Finds what matches by its sketches, and reads the codes only of what could be among the best.</summary>
/// <remarks>
/// A rank is its estimate and an error that the estimate tells nothing of. As many rows are passed over, those of the lowest estimates, as
/// may hold a part of the best k if errors are normal: <see cref="MostMissed"/>, or <see cref="MissedTimesEf"/> / ef where that is less. Where
/// there are several portions, each may hold its share of that part; where there are few rows it is less, because to rank some more of them
/// hardly takes longer.
/// How large errors are is measured, on the best estimates and on some rows spread evenly: near neighbours agree in what sketches do not
/// hold, so that their ranks are higher than estimated.
/// </remarks>
internal static unsafe class SketchedSearch
{
    /// <summary>Rows that are estimated before the best of them are ranked.</summary>
    public const int Portion = 32768;

    private const double MostMissed = 0.08;

    // Who searches with more effort wants fewer missed, and a scan that takes the place of a walk must find as much.
    private const double MissedTimesEf = 10;
    private const double ManyRows = 16384;

    // The best are those better than the n-th best of a sample, one of so many rows: some 100, or twice k, whatever the number of rows.
    private const int SampleStride = 16;
    private const int MinBestInSample = 6;
    private const int MostForExpected = 3;
    private const int SpreadCount = 64;

    // Within a portion the limit is read anew after so many.
    private const int Block = 4096;

    // What part of errors is larger than a rank needs to be that much above its estimate: for margins of so many standard deviations up
    // to the one before.
    private const double WidestMargin = 5;
    private static readonly (double Deviations, double Larger)[] Margins =
    [
        (4, 1e-5), (3.5, 1e-4), (3.25, 3.5e-4), (3, 8.5e-4), (2.75, 1.9e-3), (2.5, 4e-3),
        (2.25, 8e-3), (2, 1.55e-2), (1.75, 2.8e-2), (1.5, 4.8e-2), (1.25, 7.8e-2), (1, 0.12),
    ];

    /// <summary>Ranks every live and matching row, some thirty thousand at a time.</summary>
    /// <remarks>
    /// Steps: (1) gather them; (2) estimate all; (3) rank the best estimates by their codes, which tells what it takes to be among the best,
    /// and how far off estimates are; (4) rank the others whose estimates come near that.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static CandidatePool Scan(GraphStore store, SketchSpace sketches, SearchRequest request, SearchContext context)
    {
        CandidatePool pool = context.OpenPool(request.RerankCount);
        int* rows = context.Unvisited(2 * (Portion + FilterBits.BitsPerWord));
        int* ranks = rows + Portion + FilterBits.BitsPerWord;
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
            sketches.EstimateAscending(rows, ranks, count);    // Step 2
            EstimateErrors spread = MeasureSpread(request.Codes, rows, ranks, count);
            EstimateErrors best = RankBest(ref pool, store, request, context, rows, ranks, count);    // Step 3
            int margin = ChooseMargin(best, spread, pool, request, ranks, count);
            for (int first = 0; first < count; first += Block)    // Step 4
            {
                int limit = pool.RankAt(request.Hits.Length - 1, margin);
                int promising = CompactKernel.Above(limit, rows + first, ranks + first, Math.Min(Block, count - first));
                HnswSearcher.RankLive(ref pool, store, request.Codes, rows + first, promising);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static EstimateErrors MeasureSpread(CodeSpace codes, int* rows, int* ranks, int count)
    {
        EstimateErrors errors = default;
        int stride = Math.Max(1, count / SpreadCount);
        for (int i = 0; i < count; i += stride)
        {
            codes.Prefetch(rows[i]);
        }
        for (int i = 0; i < count; i += stride)
        {
            errors.Add(codes.Rank(rows[i]) - ranks[i]);
        }
        return errors;
    }

    // Offers the rows of the best estimates to the pool, and takes them out of the list: their estimates become the lowest of all.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static EstimateErrors RankBest(
        ref CandidatePool pool, GraphStore store, SearchRequest request, SearchContext context, int* rows, int* ranks, int count)
    {
        int bestInSample = Math.Max(MinBestInSample, 2 * request.Hits.Length / SampleStride);
        int most = MostForExpected * bestInSample * SampleStride;
        int* best = context.Estimates(most + CompactKernel.Slack);
        int bestCount = CompactKernel.PlacesAbove(LimitOfBest(bestInSample, context, ranks, count), ranks, count, best, most);
        EstimateErrors errors = default;
        for (int i = 0; i < bestCount; i++)
        {
            request.Codes.Prefetch(rows[best[i]]);
            store.PrefetchState(rows[best[i]]);
        }
        for (int i = 0; i < bestCount; i++)
        {
            int ordinal = rows[best[i]];
            int rank = request.Codes.Rank(ordinal);
            errors.Add(rank - ranks[best[i]]);
            ranks[best[i]] = int.MinValue;
            HnswSearcher.OfferLive(ref pool, store, rank, ordinal);
        }
        return errors;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static int LimitOfBest(int bestInSample, SearchContext context, int* ranks, int count)
    {
        CandidatePool sample = context.OpenFrontier(bestInSample);
        for (int i = 0; i < count; i += SampleStride)
        {
            sample.Insert(ranks[i], i);
        }
        return sample.RankAt(bestInSample - 1, margin: 0);
    }

    private static int ChooseMargin(
        EstimateErrors best, EstimateErrors spread, CandidatePool pool, SearchRequest request, int* ranks, int count)
    {
        int k = request.Hits.Length;
        double mostMissed = k * Math.Min(MostMissed, MissedTimesEf / request.Ef)
            * Math.Min(1, request.MatchCount / ManyRows) * Math.Min(1, (double)count / request.MatchCount);
        int margin = Margin(WidestMargin);
        double missed = 0;
        int above = count;
        foreach ((double deviations, double larger) in pool.Count < k ? [] : Margins)
        {
            int narrower = Margin(deviations);
            int aboveNarrower = CompactKernel.CountAbove(pool.RankAt(k - 1, narrower), ranks, count);
            missed += (above - aboveNarrower) * larger;
            if (missed > mostMissed)
            {
                break;
            }
            (margin, above) = (narrower, aboveNarrower);
        }
        return margin;

        int Margin(double deviations) => Math.Max(best.Margin(deviations), spread.Margin(deviations));
    }
}
