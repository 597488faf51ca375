namespace ChineseClip.Vectors.Tests;

public sealed class HnswIndexTests
{
    private const int Dimension = 32;

    [Fact]
    public void Search_EmptyIndex_FindsNothing()
    {
        using HnswIndex index = new(new HnswParameters { Dimension = Dimension });
        ScoredOrdinal[] hits = new ScoredOrdinal[5];
        Assert.Equal(0, index.Search(RandomVectors.Create(1, Dimension, 1)[0], 10, hits).Found);
        Assert.Equal(0, index.Count);
    }

    [Fact]
    public void Search_SameInsertsTwice_GivesSameHits()
    {
        float[][] vectors = RandomVectors.Create(3000, Dimension, 5);
        using HnswIndex first = Build(vectors);
        using HnswIndex second = Build(vectors);
        foreach (float[] query in RandomVectors.Create(50, Dimension, 6))
        {
            Assert.Equal(SearchHits(first, query, 40, 10), SearchHits(second, query, 40, 10));
        }
    }

    [Fact]
    public void Search_EqualVectors_AscendingOrdinals()
    {
        float[] vector = RandomVectors.Create(1, Dimension, 1)[0];
        using HnswIndex index = Build([.. Enumerable.Repeat(vector, 50)]);
        ScoredOrdinal[] hits = SearchHits(index, vector, 64, 50);
        Assert.Equal(Enumerable.Range(0, 50), hits.Select(hit => hit.Ordinal));
    }

    [Theory]
    [InlineData(16, VectorQuantization.Sq7, 0.97)]
    [InlineData(16, VectorQuantization.None, 0.97)]
    [InlineData(128, VectorQuantization.Sq7, 0.75)]
    [InlineData(128, VectorQuantization.None, 0.75)]
    public void Search_GaussianVectors_RecallAtTenAboveThreshold(int dimension, VectorQuantization quantization, double threshold)
    {
        float[][] vectors = RandomVectors.Create(6000, dimension, 42);
        using HnswIndex index = Build(vectors, quantization);
        float[][] queries = RandomVectors.Create(100, dimension, 43);
        double recall = Recall(index, queries, ef: 100);
        Assert.True(recall >= threshold, $"recall@10 at ef 100 is {recall}; must be at least {threshold}.");
        SearchStatistics statistics = index.Search(queries[0], 100, new ScoredOrdinal[10]);
        Assert.InRange(statistics.VisitedCount, 100, 2000);    // by the graph, not by a scan
        Assert.InRange(statistics.ScoredCount, 100, 5000);
    }

    [Fact]
    public void Search_Filter_OnlyMatchingAndAllOfThem()
    {
        float[][] vectors = RandomVectors.Create(4000, Dimension, 8);
        using HnswIndex index = Build(vectors);
        float[] query = RandomVectors.Create(1, Dimension, 9)[0];
        foreach (int step in new[] { 1, 2, 10, 100, 1000, 3999 })
        {
            OrdinalSet filter = new(Enumerable.Range(0, vectors.Length).Where(i => i % step == 0));
            ScoredOrdinal[] hits = new ScoredOrdinal[20];
            SearchStatistics statistics = index.Search(query, 20, hits, filter);
            Assert.Equal(Math.Min(20, filter.Count), statistics.Found);
            Assert.All(hits.Take(statistics.Found), hit => Assert.True(filter.Contains(hit.Ordinal)));
        }
    }

    [Fact]
    public void Search_FilterOfAnySelectivity_RecallAtTenAboveThreshold()
    {
        const int Count = 16_000;
        float[][] vectors = RandomVectors.Create(Count, 12, 21);
        float[][] queries = RandomVectors.Create(60, 12, 23);
        using HnswIndex index = Build(vectors);
        Random random = new(22);
        foreach ((double selectivity, int ef) in new[] { (0.001, 40), (0.05, 40), (0.14, 10), (0.3, 20), (0.5, 40), (0.9, 40) })
        {
            OrdinalSet scattered = new(Enumerable.Range(0, Count).Where(_ => random.NextDouble() < selectivity));
            OrdinalSet together = new(Enumerable.Range(0, Count).OrderBy(i => vectors[i][0]).Take((int)(Count * selectivity)));
            foreach (OrdinalSet filter in new[] { scattered, together })
            {
                double recall = Recall(index, queries, ef, filter);
                double threshold = ef == 10 ? 0.85 : 0.95;
                Assert.True(
                    recall >= threshold,
                    $"recall@10 at ef {ef} with {filter.Count} of {Count} matching is {recall}; must be at least {threshold}.");
            }
        }
    }

    [Theory]
    [InlineData(VectorQuantization.None)]
    [InlineData(VectorQuantization.Sq7)]
    public void Search_EitherQuantization_ScoresAreThoseOfFullVectors(VectorQuantization quantization)
    {
        float[][] vectors = RandomVectors.Create(2000, 48, 31);
        using HnswIndex index = Build(vectors, quantization);
        foreach (float[] query in RandomVectors.Create(20, 48, 32))
        {
            Assert.All(SearchHits(index, query, 50, 10), hit => Assert.Equal(VectorMath.Dot(query, vectors[hit.Ordinal]), hit.Score));
        }
    }

    [Fact]
    public void Search_DataChangesDirection_CodesAreFittedAnewAndRecallStays()
    {
        // The second half lies around a mean of its own, far outside the range that was fitted to the first.
        float[][] vectors = RandomVectors.Create(4000, Dimension, 41);
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i][i < 2000 ? 0 : 1] += i < 2000 ? 3 : -3;
            VectorMath.Normalize(vectors[i]);
        }
        using HnswIndex index = Build(vectors);
        double recall = Recall(index, [.. vectors.Where((_, i) => i % 40 == 0)], ef: 100);
        Assert.True(recall >= 0.97, $"recall@10 is {recall}; must be at least 0.97.");
    }

    [Fact]
    public void Learn_QueriesOutsideTheDistribution_RaisesRecallAtEqualEf()
    {
        // Items lie around one axis and texts around another: a text's neighbours are not neighbours of each other.
        float[][] items = Shift(RandomVectors.Create(6000, 64, 51), axis: 0);
        float[][] texts = Shift(RandomVectors.Create(2200, 64, 52), axis: 1);
        using HnswIndex index = Build(items);
        double textBefore = Recall(index, texts[..200], ef: 16);
        double itemBefore = Recall(index, items[..200], ef: 16);
        int edges = texts[200..].Sum(text => index.Learn(text, new LearningParameters { NeighborCount = 12, Ef = 400 }));
        double textAfter = Recall(index, texts[..200], ef: 16);
        double itemAfter = Recall(index, items[..200], ef: 16);
        Assert.True(edges > 0);
        Assert.True(textAfter > textBefore + 0.03, $"recall of texts was {textBefore} and is {textAfter}");
        Assert.True(itemAfter > itemBefore - 0.01, $"recall of items was {itemBefore} and is {itemAfter}");

        static float[][] Shift(float[][] vectors, int axis)
        {
            foreach (float[] vector in vectors)
            {
                vector[axis] += 1;
                VectorMath.Normalize(vector);
            }
            return vectors;
        }
    }

    [Fact]
    public void Remove_ManyInAnyOrder_LeavesNoLiveVectorUnreachable()
    {
        float[][] vectors = RandomVectors.Create(3000, 8, 61);
        using HnswIndex index = new(new HnswParameters { Dimension = 8, M = 3, EfConstruction = 20 });
        foreach (float[] vector in vectors)
        {
            index.Add(vector);
        }
        index.RepairReachability();
        Assert.Equal(0, index.RepairReachability());
        Random random = new(62);
        int[] order = [.. Enumerable.Range(0, vectors.Length).OrderBy(_ => random.Next())];
        foreach (int ordinal in order[..2500])
        {
            index.Remove(ordinal);
        }
        index.RepairReachability();
        Assert.Equal(0, index.RepairReachability());
        foreach (int ordinal in order[2500..])
        {
            Assert.Equal(ordinal, SearchHits(index, vectors[ordinal], 100, 1)[0].Ordinal);
        }
    }

    [Fact]
    public void Search_CanceledToken_Throws()
    {
        using HnswIndex index = Build(RandomVectors.Create(1000, Dimension, 8));
        Assert.Throws<OperationCanceledException>(() => index.Search(
            RandomVectors.Create(1, Dimension, 9)[0], 10, new ScoredOrdinal[5], null, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void GetVector_AddedVector_IsBitEqual()
    {
        float[][] vectors = RandomVectors.Create(20, 33, 8);
        using HnswIndex index = Build(vectors);
        float[] copy = new float[33];
        for (int i = 0; i < vectors.Length; i++)
        {
            index.GetVector(i, copy);
            Assert.Equal(vectors[i], copy);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => index.GetVector(20, copy));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.GetVector(-1, copy));
    }

    [Fact]
    public void Remove_HalfAndAddAgain_RecallStaysAndSlotsAreReused()
    {
        float[][] vectors = RandomVectors.Create(4000, Dimension, 10);
        using HnswIndex index = Build(vectors);
        Random random = new(11);
        List<int> live = [.. Enumerable.Range(0, vectors.Length)];
        for (int i = 0; i < vectors.Length; i++)
        {
            int position = random.Next(live.Count);
            Assert.True(index.Remove(live[position]));
            Assert.False(index.Remove(live[position]));
            live[position] = index.Add(RandomVectors.CreateOne(random, Dimension));
        }
        Assert.Equal(vectors.Length, index.Count);
        Assert.True(live.Max() < vectors.Length * 1.25, $"largest ordinal is {live.Max()}");
        double recall = Recall(index, RandomVectors.Create(100, Dimension, 12), ef: 80);
        Assert.True(recall >= 0.93, $"recall@10 at ef 80 after churn is {recall}; must be at least 0.93.");
        Assert.Equal(0, index.RepairReachability());
    }

    [Fact]
    public void EnterRead_HeldLease_KeepsRemovedOrdinalsUnused()
    {
        using HnswIndex index = Build(RandomVectors.Create(200, Dimension, 13));
        Random random = new(14);
        using (index.EnterRead())
        {
            for (int i = 0; i < 100; i++)
            {
                index.Remove(i);
            }
            for (int i = 0; i < 500; i++)
            {
                Assert.True(index.Add(RandomVectors.CreateOne(random, Dimension)) >= 200);
            }
        }
        Assert.Contains(Enumerable.Range(0, 200), _ => index.Add(RandomVectors.CreateOne(random, Dimension)) < 100);
    }

    [Fact]
    public void Constructor_ValueOutOfBounds_NamesValueAndBound()
    {
        Assert.Contains("Dimension is 0; must be 1..4096", Message(new HnswParameters { Dimension = 0 }), StringComparison.Ordinal);
        Assert.Contains("M is 1; must be 2..64", Message(new HnswParameters { Dimension = 8, M = 1 }), StringComparison.Ordinal);

        static string Message(HnswParameters parameters) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => new HnswIndex(parameters)).Message;
    }

    [Fact]
    public void Members_AfterDispose_ThrowObjectDisposed()
    {
        HnswIndex index = Build(RandomVectors.Create(10, Dimension, 1));
        index.Dispose();
        index.Dispose();
        float[] vector = RandomVectors.Create(1, Dimension, 2)[0];
        Assert.Throws<ObjectDisposedException>(() => index.Search(vector, 5, new ScoredOrdinal[2]));
        Assert.Throws<ObjectDisposedException>(() => index.Add(vector));
        Assert.Throws<ObjectDisposedException>(() => index.Remove(0));
    }

    /// <summary>At 256 dimensions searches start from landmarks, and read sketches where there is a filter.</summary>
    [Theory]
    [InlineData(Dimension, 0)]
    [InlineData(Dimension, 0.5)]
    [InlineData(256, 0)]
    [InlineData(256, 0.1)]
    [InlineData(256, 0.5)]
    public void Search_Repeated_AllocatesNothing(int dimension, double share)
    {
        const int Count = 12_000;
        using HnswIndex index = new(new HnswParameters { Dimension = dimension, EfConstruction = 40 });
        index.AddRange(
            RandomVectors.Create(Count, dimension, 3).SelectMany(vector => vector).ToArray(), new int[Count],
            cancellationToken: TestContext.Current.CancellationToken);
        float[] query = RandomVectors.Create(1, dimension, 4)[0];
        OrdinalSet? filter = share == 0 ? null : new OrdinalSet(Enumerable.Range(0, (int)(Count * share)));
        ScoredOrdinal[] hits = new ScoredOrdinal[10];
        long before = 0;
        for (int i = 0; i < 300; i++)
        {
            if (i == 200)    // what is compiled anew may allocate once
            {
                before = GC.GetAllocatedBytesForCurrentThread();
            }
            index.Search(query, 64, hits, filter);
            index.SearchExact(query, hits, filter);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    internal static HnswIndex Build(float[][] vectors, VectorQuantization quantization = VectorQuantization.Sq7)
    {
        HnswIndex index = new(
            new HnswParameters { Dimension = vectors[0].Length, EfConstruction = 100, Quantization = quantization });
        foreach (float[] vector in vectors)
        {
            index.Add(vector);
        }
        return index;
    }

    internal static double Recall(HnswIndex index, float[][] queries, int ef, OrdinalSet? filter = null)
    {
        int found = 0;
        int wanted = 0;
        ScoredOrdinal[] exact = new ScoredOrdinal[10];
        ScoredOrdinal[] hits = new ScoredOrdinal[10];
        foreach (float[] query in queries)
        {
            int count = index.SearchExact(query, exact, filter).Found;
            Assert.Equal(count, index.Search(query, ef, hits, filter).Found);
            found += hits.Take(count).Count(hit => exact.AsSpan(0, count).Contains(hit));
            wanted += count;
        }
        return (double)found / wanted;
    }

    internal static ScoredOrdinal[] SearchHits(HnswIndex index, float[] query, int ef, int k)
    {
        ScoredOrdinal[] hits = new ScoredOrdinal[k];
        return hits[..index.Search(query, ef, hits).Found];
    }
}
