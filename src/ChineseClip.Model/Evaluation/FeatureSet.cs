namespace ChineseClip.Model.Evaluation;

/// <summary>Features with their ids.</summary>
/// <param name="Ids">In file order.</param>
/// <param name="Values">Shape: [Ids.Count, Dimension], row-major float32.</param>
/// <param name="Dimension">Length of each feature.</param>
public sealed record FeatureSet<TId>(IReadOnlyList<TId> Ids, float[] Values, int Dimension)
{
    public ReadOnlySpan<float> this[int row] => Values.AsSpan(row * Dimension, Dimension);
}
