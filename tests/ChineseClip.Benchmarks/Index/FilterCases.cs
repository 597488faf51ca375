using System.Globalization;
using ChineseClip.Vectors;

namespace ChineseClip.Benchmarks.Index;

/// <summary>Queries that lie alike with respect to a filter, with their true neighbours among what matches.</summary>
/// <param name="Filter">How the filter was made.</param>
/// <param name="Place">Where the queries lie: of their nearest vectors at least 80 % match (inside), at most 10 % (outside), or else.</param>
/// <param name="Matching">What matches.</param>
/// <param name="Queries">The queries and the best matches of each.</param>
internal sealed record FilterCase(string Filter, string Place, OrdinalSet Matching, QuerySet Queries);

/// <summary>Makes filters of any share, and sorts queries by where they lie. Vectors have their row as ordinal.</summary>
/// <remarks>
/// random: any items. near: those nearest to a picture. half: those on one side of a plane of random direction. cells: whole cells, of
/// a division by the nearest of 200 items.
/// </remarks>
internal sealed class FilterCases
{
    private const int CellCount = 200;
    private const int QueriesPerCase = 200;
    private const int FewestQueries = 10;
    private const double InsideFrom = 0.75;
    private const double OutsideUpTo = 0.15;
    private static readonly string[] Places = ["everywhere", "inside", "border", "outside"];

    private readonly BenchmarkData _data;
    private readonly int _k;
    private readonly Dictionary<string, int[]> _orders;

    public FilterCases(BenchmarkData data, int k)
    {
        _data = data;
        _k = k;
        Random random = new(5);
        float[][] vectors = data.Base;
        float[] normal = Array.ConvertAll(vectors[0], _ => (float)(random.NextDouble() + random.NextDouble() + random.NextDouble() - 1.5));
        float[][] centres = random.GetItems(vectors, CellCount);
        double[] cellRanks = Array.ConvertAll(centres, _ => random.NextDouble());
        _orders = new()
        {
            ["random"] = OrderBy(vectors, _ => random.NextDouble()),
            ["near"] = OrderBy(vectors, vector => -VectorMath.Dot(vector, data.Queries["picture"][^1])),
            ["half"] = OrderBy(vectors, vector => VectorMath.Dot(vector, normal)),
            ["cells"] = OrderBy(vectors, vector => cellRanks[NearestOf(centres, vector)]),
        };
    }

    public IEnumerable<FilterCase> Of(string kind, double share)
    {
        int count = (int)(_data.Base.Length * share);
        foreach ((string filter, int[] order) in _orders)
        {
            OrdinalSet matching = new(order[..count]);
            foreach (string place in filter == "random" ? Places[..1] : Places)
            {
                int[] chosen = [.. Enumerable.Range(0, _data.Queries[kind].Length)
                    .Where(q => Lies(place, _data.Truth[kind][q][.._k].Count(matching.Contains) / (double)_k)).Take(QueriesPerCase)];
                if (chosen.Length >= FewestQueries)
                {
                    VectorRows<float> queries = VectorRows<float>.Create(
                        chosen.Length, _data.Vectors.Dimension, i => _data.Queries[kind][chosen[i]]);
                    VectorRows<int> truth = _data.TrueNeighbors(
                        string.Create(CultureInfo.InvariantCulture, $"{kind}-{filter}-{place}-{share}"), queries, _k, matching);
                    yield return new FilterCase(filter, place, matching, new QuerySet(queries, truth));
                }
            }
        }
    }

    private static bool Lies(string place, double matchingShare) => place switch
    {
        "inside" => matchingShare > InsideFrom,
        "outside" => matchingShare < OutsideUpTo,
        "border" => matchingShare is >= OutsideUpTo and <= InsideFrom,
        _ => true,
    };

    private static int[] OrderBy(float[][] vectors, Func<float[], double> key)
    {
        double[] keys = Array.ConvertAll(vectors, vector => key(vector));
        int[] order = [.. Enumerable.Range(0, vectors.Length)];
        Array.Sort(keys, order);
        return order;
    }

    private static int NearestOf(float[][] centres, float[] vector)
    {
        int best = 0;
        float bestScore = float.MinValue;
        for (int i = 0; i < centres.Length; i++)
        {
            float score = VectorMath.Dot(centres[i], vector);
            (best, bestScore) = score > bestScore ? (i, score) : (best, bestScore);
        }
        return best;
    }
}
