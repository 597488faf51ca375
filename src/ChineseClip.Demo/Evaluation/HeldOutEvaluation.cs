using ChineseClip.Demo.Facts;

namespace ChineseClip.Demo.Evaluation;

/// <summary>Measures retrieval over a held-out set from nothing but embeddings.</summary>
/// <remarks>Order is by score, then by ordinal, so equal embeddings give equal figures. A tie in a two-way choice counts as wrong.</remarks>
public static class HeldOutEvaluation
{
    private const int PrecisionDepth = 10;

    /// <param name="set">Pictures and texts.</param>
    /// <param name="pictures">Unit embeddings of the set's pictures, in its order: [n, d].</param>
    /// <param name="embedTexts">Unit embeddings of texts, in input order: [m, d].</param>
    public static HeldOutResult Evaluate(
        HeldOutSet set, IReadOnlyList<float[]> pictures, Func<IReadOnlyList<string>, IReadOnlyList<float[]>> embedTexts)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(embedTexts);
        if (pictures.Count != set.Pictures.Count)
        {
            throw new ArgumentException(
                $"{pictures.Count} picture embeddings were given for {set.Pictures.Count} pictures.", nameof(pictures));
        }

        var texts = set.Texts;
        var embeddings = embedTexts(texts);
        if (embeddings.Count != texts.Count)
        {
            throw new ArgumentException($"{embeddings.Count} embeddings came back for {texts.Count} texts.", nameof(embedTexts));
        }

        return Evaluate(set, pictures, texts.Zip(embeddings).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    /// <param name="set">Pictures and texts.</param>
    /// <param name="pictures">Unit embeddings of the set's pictures, in its order: [n, d].</param>
    /// <param name="texts">Unit embedding of each of the set's texts.</param>
    public static HeldOutResult Evaluate(
        HeldOutSet set, IReadOnlyList<float[]> pictures, IReadOnlyDictionary<string, float[]> texts)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(texts);
        int[] ranks = [.. set.LongCaptions.Select((caption, own) => Rank(texts[caption], pictures, own))];
        var unseen = ranks.Where((_, ordinal) => set.Pictures[ordinal].HasUnseenComposition);
        return new(
            set.Pictures.Count,
            Recall(ranks),
            Precision(set, pictures, texts),
            TwoWay(set, pictures, texts),
            Recall([.. unseen]));
    }

    /// <summary>How many pictures come before the caption's own.</summary>
    private static int Rank(float[] caption, IReadOnlyList<float[]> pictures, int own)
    {
        var score = Dot(caption, pictures[own]);
        var before = 0;
        for (var other = 0; other < pictures.Count; other++)
        {
            var otherScore = Dot(caption, pictures[other]);
            if (otherScore > score || (otherScore == score && other < own))
            {
                before++;
            }
        }

        return before;
    }

    private static RecallTable Recall(int[] ranks)
    {
        double At(int depth) => ranks.Length == 0 ? double.NaN : ranks.Count(rank => rank < depth) / (double)ranks.Length;
        return new(At(1), At(5), At(10));
    }

    private static double Precision(
        HeldOutSet set, IReadOnlyList<float[]> pictures, IReadOnlyDictionary<string, float[]> texts) =>
        set.ShortQueries.Average(query =>
        {
            var embedding = texts[query.Text];
            var fitting = set.Pictures.Count(query.Fits);
            var depth = Math.Min(PrecisionDepth, fitting);
            var first = Enumerable.Range(0, pictures.Count)
                .OrderByDescending(ordinal => Dot(embedding, pictures[ordinal]))
                .ThenBy(ordinal => ordinal)
                .Take(depth);
            return first.Count(ordinal => query.Fits(set.Pictures[ordinal])) / (double)depth;
        });

    private static TwoWayTable TwoWay(
        HeldOutSet set, IReadOnlyList<float[]> pictures, IReadOnlyDictionary<string, float[]> texts)
    {
        var shares = set.TwoWayChoices
            .GroupBy(choice => choice.Field)
            .ToDictionary(choices => choices.Key, choices => choices.Average(choice =>
            {
                var picture = pictures[choice.Picture];
                return Dot(picture, texts[choice.TrueCaption]) > Dot(picture, texts[choice.AlteredCaption]) ? 1.0 : 0.0;
            }));
        double Share(FactField field) => shares.GetValueOrDefault(field, double.NaN);
        return new(
            Share(FactField.Kind),
            Share(FactField.Color),
            Share(FactField.Count),
            Share(FactField.Relation),
            Share(FactField.Swap));
    }

    private static double Dot(float[] left, float[] right)
    {
        if (left.Length != right.Length)
        {
            throw new ArgumentException($"Embeddings of {left.Length} and {right.Length} dimensions cannot be compared.");
        }

        var sum = 0.0;
        for (var i = 0; i < left.Length; i++)
        {
            sum += (double)left[i] * right[i];
        }

        return sum;
    }
}
