using ChineseClip.Vectors;

namespace ChineseClip.Cli.Bench;

/// <summary>Queries with their true neighbours.</summary>
/// <param name="Vectors">The queries.</param>
/// <param name="Truth">A row for each query: its true neighbours among the vectors, best first; -1 for none.</param>
internal sealed record QuerySet(VectorRows<float> Vectors, VectorRows<int> Truth)
{
    /// <summary>Share of the first k true neighbours that the hits hold.</summary>
    /// <param name="hits">k for each query, Ordinal being the row of the vector.</param>
    /// <param name="k">How many true neighbours count.</param>
    public double Recall(ReadOnlySpan<ScoredOrdinal> hits, int k)
    {
        int found = 0;
        int wanted = 0;
        for (int q = 0; q < Vectors.Count; q++)
        {
            ReadOnlySpan<ScoredOrdinal> answer = hits.Slice(q * k, k);
            foreach (int row in Truth[q][..k])
            {
                wanted += row >= 0 ? 1 : 0;
                foreach (ScoredOrdinal hit in answer)
                {
                    if (hit.Ordinal == row && row >= 0)
                    {
                        found++;
                        break;
                    }
                }
            }
        }
        return wanted == 0 ? 1 : (double)found / wanted;
    }
}
