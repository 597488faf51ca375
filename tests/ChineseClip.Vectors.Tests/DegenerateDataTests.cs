namespace ChineseClip.Vectors.Tests;

/// <summary>Data that no embedding model makes, and yet comes: the hits are those of the exact index.</summary>
public sealed class DegenerateDataTests
{
    public static TheoryData<string, VectorQuantization> Cases
    {
        get
        {
            TheoryData<string, VectorQuantization> cases = [];
            foreach (string kind in new[] { "equal", "duplicates", "line", "antipodal", "axes", "tiny" })
            {
                foreach (VectorQuantization quantization in Enum.GetValues<VectorQuantization>())
                {
                    cases.Add(kind, quantization);
                }
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Search_DegenerateData_FindsTheBestScores(string kind, VectorQuantization quantization)
    {
        float[][] vectors = Create(kind);
        foreach (bool inBulk in new[] { false, true })
        {
            using HnswIndex index = inBulk ? AddInBulk(vectors, quantization) : HnswIndexTests.Build(vectors, quantization);
            foreach (float[] query in vectors.Where((_, i) => i % Math.Max(1, vectors.Length / 20) == 0))
            {
                ScoredOrdinal[] exact = new ScoredOrdinal[10];
                ScoredOrdinal[] hits = new ScoredOrdinal[10];
                int count = index.SearchExact(query, exact).Found;
                Assert.Equal(Math.Min(10, vectors.Length), count);
                Assert.Equal(count, index.Search(query, 200, hits).Found);
                Assert.Equal(count, hits[..count].Select(hit => hit.Ordinal).Distinct().Count());
                for (int i = 0; i < count; i++)
                {
                    // On the line some forty items share a code: up to 0.05 rad apart, a score of 0.001.
                    Assert.Equal(exact[i].Score, hits[i].Score, 2e-3f);
                }
            }
            index.RepairReachability();
            Assert.Equal(0, index.RepairReachability());
        }
    }

    [Fact]
    public void Search_MoreHitsThanItems_FindsAll()
    {
        float[][] vectors = RandomVectors.Create(700, 16, 5);
        using HnswIndex index = HnswIndexTests.Build(vectors);
        ScoredOrdinal[] hits = new ScoredOrdinal[2000];
        Assert.Equal(700, index.Search(vectors[0], 10, hits).Found);
        Assert.Equal(Enumerable.Range(0, 700), hits[..700].Select(hit => hit.Ordinal).Order());
        OrdinalSet filter = new(Enumerable.Range(0, 700).Where(i => i % 7 < 4));
        Assert.Equal(400, index.Search(vectors[0], 10, hits, filter).Found);
        Assert.All(hits[..400], hit => Assert.True(filter.Contains(hit.Ordinal)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(64)]
    public void Search_ExtremeM_RecallAboveThreshold(int m)
    {
        float[][] vectors = RandomVectors.Create(2000, 12, 6);
        using HnswIndex index = new(new HnswParameters { Dimension = 12, M = m, EfConstruction = 100 });
        index.AddRange(vectors.SelectMany(vector => vector).ToArray(), new int[2000], cancellationToken: TestContext.Current.CancellationToken);
        double recall = HnswIndexTests.Recall(index, RandomVectors.Create(100, 12, 7), ef: 150);
        Assert.True(recall >= 0.9, $"recall@10 at M = {m} is {recall}; must be at least 0.9.");
    }

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(63)]
    [InlineData(65)]
    [InlineData(768)]
    [InlineData(1000)]
    [InlineData(4096)]
    public void Search_AnyDimension_FindsEachVectorByItself(int dimension)
    {
        float[][] vectors = RandomVectors.Create(300, dimension, dimension);
        foreach (VectorQuantization quantization in Enum.GetValues<VectorQuantization>())
        {
            using HnswIndex index = AddInBulk(vectors, quantization);
            for (int i = 0; i < vectors.Length; i += 10)
            {
                ScoredOrdinal best = HnswIndexTests.SearchHits(index, vectors[i], 50, 1)[0];
                Assert.Equal(i, best.Ordinal);
                Assert.Equal(1, best.Score, 1e-3f);
            }
        }
    }

    // Every dimension's rows and padding: codes of 64, shorts of 32, floats of 16 elements.
    [Fact]
    public void MemoryBytesIsTheFormulaTimesTheCount()
    {
        const int Count = 3000;
        foreach ((int dimension, int m) in new[] { (16, 16), (100, 8), (512, 16) })
        {
            float[] rows = [.. RandomVectors.Create(Count, dimension, 9).SelectMany(vector => vector)];
            foreach (VectorQuantization quantization in Enum.GetValues<VectorQuantization>())
            {
                HnswParameters parameters = new() { Dimension = dimension, M = m, EfConstruction = 20, Quantization = quantization };
                using HnswIndex index = new(parameters);
                index.AddRange(rows, new int[Count], cancellationToken: TestContext.Current.CancellationToken);
                // A table is counted by rows up to one chunk (of at least 2 MiB), then by chunks; there are seven.
                double expected = parameters.BytesPerVector * Count;
                Assert.InRange(index.MemoryBytes, 0.99 * expected, (1.01 * expected) + (7 * (4 << 20)));
            }
        }
        HnswParameters usual = new() { Dimension = 512 };
        Assert.InRange(usual.BytesPerVector / (512 * sizeof(float)), 1.0, 1.4);
        Assert.InRange((usual with { Quantization = VectorQuantization.Sq7S16 }).BytesPerVector / (512 * sizeof(float)), 0.5, 0.9);
    }

    [Fact]
    public void Search_SixteenBitVectors_RecallAndScoresAsOfFloats()
    {
        float[][] vectors = RandomVectors.Create(5000, 48, 91);
        float[][] queries = RandomVectors.Create(200, 48, 92);
        using HnswIndex full = HnswIndexTests.Build(vectors);
        using HnswIndex half = HnswIndexTests.Build(vectors, VectorQuantization.Sq7S16);
        int found = 0;
        ScoredOrdinal[] exact = new ScoredOrdinal[10];
        foreach (float[] query in queries)
        {
            full.SearchExact(query, exact);
            ScoredOrdinal[] hits = HnswIndexTests.SearchHits(half, query, 100, 10);
            found += hits.Count(hit => exact.Any(e => e.Ordinal == hit.Ordinal));
            Assert.All(hits, hit => Assert.Equal(VectorMath.Dot(query, vectors[hit.Ordinal]), hit.Score, 2e-4f));
        }
        double expected = HnswIndexTests.Recall(full, queries, ef: 100);
        Assert.True(found / 2000.0 >= expected - 0.002, $"recall@10 is {found / 2000.0}; with float32 it is {expected}.");
    }

    private static HnswIndex AddInBulk(float[][] vectors, VectorQuantization quantization)
    {
        HnswIndex index = new(new HnswParameters { Dimension = vectors[0].Length, EfConstruction = 100, Quantization = quantization });
        index.AddRange(vectors.SelectMany(vector => vector).ToArray(), new int[vectors.Length], new BulkBuildOptions { Threads = 2 });
        return index;
    }

    private static float[][] Create(string kind)
    {
        const int Count = 1200;
        const int Dimension = 20;
        float[][] random = RandomVectors.Create(Count, Dimension, 4);
        float[][] vectors = kind switch
        {
            "equal" => [.. Enumerable.Repeat(random[0], Count)],
            "duplicates" => [.. Enumerable.Range(0, Count).Select(i => random[i % 40])],
            "line" => [.. Enumerable.Range(0, Count).Select(i => OnACircle(i * 791 % Count * 1e-3, Dimension))],    // in no order
            "antipodal" => [.. random.Select((vector, i) => i % 2 == 0 ? vector : Array.ConvertAll(random[i - 1], x => -x))],
            "axes" => [.. Enumerable.Range(0, Count).Select(i => Axis(i % Dimension, i % 2 == 0 ? 1 : -1, Dimension))],
            _ => random[..3],
        };
        return vectors;
    }

    private static float[] OnACircle(double angle, int dimension)
    {
        float[] vector = new float[dimension];
        (vector[0], vector[1]) = ((float)Math.Cos(angle), (float)Math.Sin(angle));
        return vector;
    }

    private static float[] Axis(int axis, float sign, int dimension)
    {
        float[] vector = new float[dimension];
        vector[axis] = sign;
        return vector;
    }
}
