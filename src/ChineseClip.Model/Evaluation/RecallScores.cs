namespace ChineseClip.Model.Evaluation;

/// <summary>Recall of a ranking, in percent: how many queries have at least one right answer among their first k.</summary>
/// <remarks>Source: OFA-Sys/Chinese-CLIP, cn_clip/eval/evaluation.py and evaluation_tr.py; equal to the last digit.</remarks>
public sealed record RecallScores(double R1, double R5, double R10, double MeanRecall)
{
    /// <summary>Predictions an evaluation looks at for each query.</summary>
    public const int Depth = 10;

    /// <param name="annotations">The right answers of each query.</param>
    /// <param name="predictions">The ranked answers of each query, best first; those beyond the tenth do not count.</param>
    /// <exception cref="ArgumentException">There is no query, or one has no prediction.</exception>
    public static RecallScores Of<TId>(
        IReadOnlyDictionary<TId, IReadOnlyList<TId>> annotations, IReadOnlyDictionary<TId, IReadOnlyList<TId>> predictions)
        where TId : notnull
    {
        ArgumentNullException.ThrowIfNull(annotations);
        ArgumentNullException.ThrowIfNull(predictions);
        if (annotations.Count == 0)
        {
            throw new ArgumentException("There are 0 annotated queries; recall needs at least 1.", nameof(annotations));
        }

        int within1 = 0;
        int within5 = 0;
        int within10 = 0;
        foreach ((TId query, IReadOnlyList<TId> right) in annotations)
        {
            IReadOnlyList<TId> ranked = predictions.TryGetValue(query, out IReadOnlyList<TId>? found)
                ? found
                : throw new ArgumentException($"Query {query} has no prediction; every annotated query must have one.", nameof(predictions));
            int rank = RankOfFirst(ranked, right.ToHashSet());
            within1 += rank < 1 ? 1 : 0;
            within5 += rank < 5 ? 1 : 0;
            within10 += rank < Depth ? 1 : 0;
        }

        return Of((double)within1 / annotations.Count, (double)within5 / annotations.Count, (double)within10 / annotations.Count);
    }

    // The order of the operations decides the last digit.
    private static RecallScores Of(double r1, double r5, double r10) => new(r1 * 100, r5 * 100, r10 * 100, (r1 + r5 + r10) / 3.0 * 100);

    private static int RankOfFirst<TId>(IReadOnlyList<TId> ranked, HashSet<TId> right)
    {
        for (int rank = 0; rank < Math.Min(Depth, ranked.Count); rank++)
        {
            if (right.Contains(ranked[rank]))
            {
                return rank;
            }
        }

        return Depth;
    }
}
