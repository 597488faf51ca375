using System.Numerics.Tensors;

namespace ChineseClip.Model.Evaluation;

/// <summary>Ranks a gallery for each query by comparing it with everything.</summary>
public static class TopPredictions
{
    /// <summary>The ids of the <paramref name="count"/> features with the largest inner products, best first.</summary>
    /// <remarks>
    /// Equal scores keep the gallery's order.  Cost: queries × gallery inner products, on one thread.
    /// Source: OFA-Sys/Chinese-CLIP, cn_clip/eval/make_topk_predictions.py and make_topk_predictions_tr.py.
    /// </remarks>
    /// <exception cref="ArgumentException">The dimensions differ.</exception>
    public static IReadOnlyDictionary<TId, IReadOnlyList<TId>> Find<TId>(FeatureSet<TId> queries, FeatureSet<TId> gallery, int count = RecallScores.Depth)
        where TId : notnull
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (queries.Dimension != gallery.Dimension)
        {
            throw new ArgumentException($"The queries have {queries.Dimension} dimensions and the gallery {gallery.Dimension}; must be equal.", nameof(gallery));
        }

        var predictions = new Dictionary<TId, IReadOnlyList<TId>>(queries.Ids.Count);
        float[] scores = new float[gallery.Ids.Count];
        for (int query = 0; query < queries.Ids.Count; query++)
        {
            for (int row = 0; row < scores.Length; row++)
            {
                scores[row] = TensorPrimitives.Dot(queries[query], gallery[row]);
            }

            predictions[queries.Ids[query]] =
                [.. Enumerable.Range(0, scores.Length).OrderByDescending(row => scores[row]).Take(count).Select(row => gallery.Ids[row])];
        }

        return predictions;
    }
}
