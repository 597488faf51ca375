using CsCheck;

namespace ChineseClip.Vectors.Tests;

/// <summary>Random sequences of operations on the graph and on the exact index side by side.</summary>
public sealed class IndexPropertyTests
{
    private const int Dimension = 8;

    // Enough to start with that the graph is searched, not scanned: a pool of 10 costs as much as a scan of 400.
    private const int InitialCount = 700;
    private const int MaxK = 10;
    private static readonly float[][] Initial = RandomVectors.Create(InitialCount, Dimension, 1);

    private enum Kind
    {
        Add,
        AddCopy,
        Remove,
        Search,
        FilteredSearch,
        Learn,
    }

    private static readonly Gen<(Kind Kind, int Number)[]> Operations =
        Gen.Select(
            Gen.Frequency((6, Gen.Const(Kind.Add)), (1, Gen.Const(Kind.AddCopy)), (4, Gen.Const(Kind.Remove)),
                (1, Gen.Const(Kind.Search)), (1, Gen.Const(Kind.FilteredSearch)), (1, Gen.Const(Kind.Learn))),
            Gen.Int[0, 100_000]).Array[0, 900];

    [Fact]
    public void AnySequenceOfOperationsAgreesWithFlatIndex() =>
        Operations.Sample(operations =>
        {
            using HnswIndex graph = new(new HnswParameters { Dimension = Dimension, M = 4, EfConstruction = 30 });
            FlatIndex flat = new(Dimension);
            Dictionary<int, int> flatToGraph = [];
            foreach (float[] vector in Initial)
            {
                flatToGraph.Add(flat.Add(vector), graph.Add(vector));
            }
            foreach ((Kind kind, int number) in operations)
            {
                Apply(kind, number, graph, flat, flatToGraph);
                Assert.Equal(flat.Count, graph.Count);
            }
        }, iter: 40);

    private static void Apply(Kind kind, int number, HnswIndex graph, FlatIndex flat, Dictionary<int, int> flatToGraph)
    {
        Random random = new(number);
        float[] vector = RandomVectors.CreateOne(random, Dimension);
        int[] ordinals = [.. flatToGraph.Keys];
        switch (kind)
        {
            case Kind.AddCopy when ordinals.Length > 0:
                flat.GetVector(ordinals[number % ordinals.Length], vector);
                goto case Kind.Add;
            case Kind.Add:
                flatToGraph.Add(flat.Add(vector), graph.Add(vector));
                Assert.Equal(flatToGraph.Count, flatToGraph.Values.Distinct().Count());
                break;
            case Kind.Remove when ordinals.Length > 0:
                int removed = ordinals[number % ordinals.Length];
                Assert.True(flat.Remove(removed));
                Assert.True(graph.Remove(flatToGraph[removed]));
                flatToGraph.Remove(removed);
                break;
            case Kind.Search:
                Compare(graph, flat, flatToGraph, vector, 1 + (number % MaxK), null);
                break;
            case Kind.FilteredSearch:
                Compare(graph, flat, flatToGraph, vector, 1 + (number % MaxK),
                    [.. ordinals.Where(_ => random.Next(10) < number % 11)]);
                break;
            case Kind.Learn:
                graph.Learn(vector);
                break;
            default:
                break;
        }
    }

    private static void Compare(
        HnswIndex graph, FlatIndex flat, Dictionary<int, int> flatToGraph, float[] query, int k, int[]? flatFilter)
    {
        OrdinalSet? onFlat = flatFilter is null ? null : new OrdinalSet(flatFilter);
        OrdinalSet? onGraph = flatFilter is null ? null : new OrdinalSet(flatFilter.Select(ordinal => flatToGraph[ordinal]));
        ScoredOrdinal[] expected = new ScoredOrdinal[k];
        ScoredOrdinal[] exact = new ScoredOrdinal[k];
        ScoredOrdinal[] approximate = new ScoredOrdinal[k];
        int count = flat.SearchExact(query, expected, onFlat).Found;
        Assert.Equal(count, graph.SearchExact(query, exact, onGraph).Found);
        Assert.Equal(count, graph.Search(query, MaxK, approximate, onGraph).Found);
        Assert.Equal(expected.Select(hit => hit.Score), exact.Select(hit => hit.Score));
        for (int i = 0; i < count; i++)
        {
            Assert.Contains(approximate[i].Ordinal, flatToGraph.Values);
            Assert.True(onGraph is null || onGraph.Contains(approximate[i].Ordinal));
            Assert.True(approximate[i].Score <= expected[i].Score);
            Assert.True(i == 0 || approximate[i - 1] < approximate[i]);
        }
    }
}
