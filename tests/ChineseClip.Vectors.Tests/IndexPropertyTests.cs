using ChineseClip.Vectors.Persistence;
using ChineseClip.Vectors.Tests.Persistence;
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
        Update,
        Save,
        Open,
    }

    private static readonly Gen<(Kind Kind, int Number)[]> Operations =
        Gen.Select(
            Gen.Frequency((60, Gen.Const(Kind.Add)), (10, Gen.Const(Kind.AddCopy)), (40, Gen.Const(Kind.Remove)),
                (10, Gen.Const(Kind.Search)), (10, Gen.Const(Kind.FilteredSearch)), (10, Gen.Const(Kind.Learn)),
                (20, Gen.Const(Kind.Update)), (1, Gen.Const(Kind.Save)), (1, Gen.Const(Kind.Open))),
            Gen.Int[0, 100_000]).Array[0, 900];

    [Fact]
    public void AnySequenceOfOperationsAgreesWithFlatIndex() =>
        Operations.Sample(operations =>
        {
            HnswIndex graph = new(new HnswParameters { Dimension = Dimension, M = 4, EfConstruction = 30 });
            try
            {
                using TemporaryDirectory directory = new();
                SavedIndex saved = new(directory);
                FlatIndex flat = new(Dimension);
                Dictionary<int, int> flatToGraph = [];
                foreach (float[] vector in Initial)
                {
                    flatToGraph.Add(flat.Add(vector), graph.Add(vector));
                }
                foreach ((Kind kind, int number) in operations)
                {
                    Apply(kind, number, ref graph, saved, flat, flatToGraph);
                    Assert.Equal(flat.Count, graph.Count);
                }
            }
            finally
            {
                graph.Dispose();
            }
        }, iter: 40);

    private static void Apply(
        Kind kind, int number, ref HnswIndex graph, SavedIndex saved, FlatIndex flat, Dictionary<int, int> flatToGraph)
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
            case Kind.Update when ordinals.Length > 0:
                Apply(Kind.Remove, number, ref graph, saved, flat, flatToGraph);
                goto case Kind.Add;
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
            case Kind.Save:
                saved.Save(graph);
                break;
            case Kind.Open:
                saved.Save(graph);
                HnswIndex opened = saved.OpenLast();
                ScoredOrdinal[] before = new ScoredOrdinal[MaxK];
                ScoredOrdinal[] after = new ScoredOrdinal[MaxK];
                Assert.Equal(graph.Search(vector, MaxK, before), opened.Search(vector, MaxK, after));
                Assert.Equal(before, after);
                graph.Dispose();
                graph = opened;
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

    /// <summary>Snapshots of one index, each sharing files with the one before.</summary>
    private sealed class SavedIndex(TemporaryDirectory directory)
    {
        private int _count;

        public void Save(HnswIndex index)
        {
            using IndexSnapshot snapshot = index.BeginSnapshot();
            snapshot.Write(directory[$"{_count}"], _count == 0 ? null : directory[$"{_count - 1}"]);
            _count++;
        }

        public HnswIndex OpenLast() => HnswIndex.Open(directory[$"{_count - 1}"]);
    }
}
