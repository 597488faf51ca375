using ChineseClip.Vectors.Graph;
using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Quantization;

namespace ChineseClip.Vectors.Tests;

/// <summary>Which way a filtered search goes, by what it counts, and what it finds on it.</summary>
public sealed class FilteredSearchTests(FilteredSearchTests.ShortVectors clustered, FilteredSearchTests.LongVectors withSketches)
    : IClassFixture<FilteredSearchTests.ShortVectors>, IClassFixture<FilteredSearchTests.LongVectors>
{
    private const int K = 10;
    private const int Ef = 64;

    [Theory]
    [InlineData(0.9, 1.15, 0.01)]
    [InlineData(0.5, 1.4, 0.01)]
    [InlineData(0.3, 2, 0.02)]
    public void ManyMatchAnywhere_WalkOfUnfilteredSearchAndItsRecall(double share, double mostWork, double mostLoss)
    {
        Outcome unfiltered = clustered.Search(clustered.Queries, filter: null);
        Outcome filtered = clustered.Search(clustered.Queries, ClusteredIndex.Random(share));
        Assert.True(
            filtered.Scored <= unfiltered.Scored * mostWork && filtered.Visited <= unfiltered.Visited * mostWork,
            $"{filtered} with a filter of {share}; at most {mostWork} times {unfiltered}.");
        Assert.True(filtered.Recall >= unfiltered.Recall - mostLoss, $"{filtered} with a filter of {share}; unfiltered {unfiltered}.");
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(0.75)]
    public void NothingMatchesNearTheQuery_BestMatchesAreFoundWithoutAScan(double share)
    {
        OrdinalSet filter = clustered.Nearest(share);
        Outcome outcome = clustered.Search(clustered.FarQueries, filter);
        Assert.True(outcome.Recall >= 0.95, $"{outcome} outside of a filter of {share}; recall must be at least 0.95.");
        Assert.InRange(outcome.Scored, K, filter.Count / 3);
    }

    [Fact]
    public void FewMatch_AllOfThemAreComparedAndNothingElse()
    {
        OrdinalSet filter = ClusteredIndex.Random(0.02);
        Outcome outcome = clustered.Search(clustered.Queries, filter);
        Assert.Equal(1, outcome.Recall);
        Assert.Equal(0, outcome.Visited);
        Assert.Equal(filter.Count, outcome.Scored);
    }

    [Theory]
    [InlineData(VectorQuantization.Sq7)]
    [InlineData(VectorQuantization.Sq7S16)]
    public void FewMatchOfLongVectors_BestAreFoundByTheirSketches(VectorQuantization quantization)
    {
        const int Dimension = 320;
        float[][] vectors = RandomVectors.Create(6000, Dimension, 3);
        using HnswIndex index = new(new HnswParameters { Dimension = Dimension, EfConstruction = 60, Quantization = quantization });
        index.AddRange(vectors.SelectMany(vector => vector).ToArray(), new int[vectors.Length], cancellationToken: TestContext.Current.CancellationToken);
        OrdinalSet filter = new(Enumerable.Range(0, vectors.Length).Where(ordinal => ordinal % 3 == 1));
        HashSet<int> removed = [];
        ScoredOrdinal[] exact = new ScoredOrdinal[K];
        ScoredOrdinal[] hits = new ScoredOrdinal[K];
        int common = 0;
        float[][] queries = [.. RandomVectors.Create(60, Dimension, 4), .. vectors[..60]];
        foreach (float[] query in queries)
        {
            index.SearchExact(query, exact, filter);
            Assert.True(index.Remove(exact[0].Ordinal));    // its row stays, and is as good as ever
            removed.Add(exact[0].Ordinal);
            index.SearchExact(query, exact, filter);
            SearchStatistics statistics = index.Search(query, Ef, hits, filter);
            Assert.Equal(K, statistics.Found);
            Assert.Equal((0, filter.Count), (statistics.VisitedCount, statistics.ScoredCount));
            Assert.All(hits, hit => Assert.True(filter.Contains(hit.Ordinal) && !removed.Contains(hit.Ordinal)));
            common += hits.Count(hit => exact.Contains(hit));
        }
        Assert.InRange(common, 0.97 * K * queries.Length, K * queries.Length);
    }

    /// <summary>Also where near neighbours match, of which sketches tell little.</summary>
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.3)]
    public void FewMatchWithSketches_BestAreFound(double share)
    {
        OrdinalSet filter = withSketches.Nearest(share);
        Outcome far = withSketches.Search(withSketches.FarQueries, filter);
        Assert.True(far.Recall >= 0.97, $"{far} far from a filter of {share}; recall must be at least 0.97.");
        Assert.InRange(far.Scored, filter.Count, filter.Count + 10);    // hardly a walk is begun: one that is given up ranks 32 or more
        Assert.InRange(far.Visited, 0, 1);
        Outcome near = withSketches.Search(withSketches.NearQueries, filter);
        Assert.True(near.Recall >= 0.95, $"{near} within a filter of {share}; recall must be at least 0.95.");
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1000)]
    public void FewMatchWithSketches_ManyAreWanted_BestAreFound(int k)
    {
        OrdinalSet filter = withSketches.Nearest(0.1);
        Outcome outcome = withSketches.Search(withSketches.FarQueries, filter, k);
        Assert.True(outcome.Recall >= 0.98, $"{outcome} of {k}; recall must be at least 0.98.");
        Assert.Equal(filter.Count, outcome.Scored);
    }

    /// <summary>Where a scan costs less than a walk of that effort, it must find as much.</summary>
    [Fact]
    public void MuchEffortWithSketches_ScanMissesHardlyAny()
    {
        float[][] queries = RandomVectors.Create(300, 256, 9);    // as texts are: like none of the vectors
        Outcome outcome = withSketches.Search(queries, filter: null, ef: 2000);
        Assert.Equal(0, outcome.Visited);
        Assert.True(outcome.Recall >= 0.997, $"{outcome}; recall must be at least 0.997.");
    }

    /// <summary>Also of very few: nodes that do not match, from which the walk starts, are no results that it waits to see bettered.</summary>
    [Theory]
    [InlineData(K)]
    [InlineData(2)]
    public void NothingMatchesNearTheQueryWithSketches_BestMatchesAreFoundWithoutAScan(int k)
    {
        OrdinalSet filter = withSketches.Nearest(0.75);
        Outcome outcome = withSketches.Search(withSketches.FarQueries, filter, k);
        Assert.True(outcome.Recall >= 0.95, $"{outcome}; recall must be at least 0.95.");
        Assert.InRange(outcome.Scored, K, filter.Count / 10);
    }

    [Fact]
    public void ScanAfterRemovals_RemovedAreNotAmongTheHits()
    {
        float[][] vectors = RandomVectors.Create(600, 16, 3);
        using HnswIndex index = HnswIndexTests.Build(vectors);
        OrdinalSet filter = new(Enumerable.Range(0, 300));
        ScoredOrdinal[] hits = new ScoredOrdinal[K];
        for (int removed = 0; removed < 290; removed++)
        {
            index.Search(vectors[0], Ef, hits, filter);
            index.Remove(hits[0].Ordinal);
            filter.Remove(hits[0].Ordinal);
            filter.Add(299 - removed);    // perhaps removed before
            int found = index.Search(vectors[0], Ef, hits, filter).Found;
            Assert.All(hits[..found], hit => Assert.True(index.Contains(hit.Ordinal)));
        }
    }

    [Theory]
    [InlineData(1_000_000, 900_000, SearchWay.AllEdges)]
    [InlineData(1_000_000, 500_000, SearchWay.AllEdges)]
    [InlineData(1_000_000, 100_000, SearchWay.AllEdges)]
    [InlineData(1_000_000, 30_000, SearchWay.AllEdges)]
    [InlineData(1_000_000, 3_000, SearchWay.Scan)]
    [InlineData(100_000, 1_000, SearchWay.Scan)]
    [InlineData(2_000, 1_900, SearchWay.Scan)]
    public void Plan_FollowsHowManyMatchAndEndsWithAScan(int count, int matchCount, object expected)
    {
        SearchRequest request = CreateRequest(count, matchCount);
        SearchPlan plan = SearchPlan.Create(request);
        Assert.Equal((SearchWay)expected, plan.Way);
        for (int step = 0; step < 2; step++)
        {
            Assert.True(plan.PoolSize >= K);
            plan = plan.Next(request, shareAroundStart: 0);
        }
        Assert.Equal(SearchWay.Scan, plan.Way);
    }

    /// <summary>A scan costs as much as 10,000 rows; a walk costs less, but misses more of what lies far.</summary>
    [Theory]
    [InlineData(0.11, SearchWay.ThroughMatching)]
    [InlineData(0.09, SearchWay.Scan)]
    public void PlanAfterWalkAlongAllEdges_FollowsHowManyMatchAroundTheStart(double shareAroundStart, object expected)
    {
        SearchRequest request = CreateRequest(100_000, 10_000);
        SearchPlan plan = SearchPlan.Create(request);
        Assert.Equal(SearchWay.AllEdges, plan.Way);
        Assert.Equal((SearchWay)expected, plan.Next(request, shareAroundStart).Way);
    }

    /// <summary>A walk through matches takes time as its effort, a scan does not.</summary>
    [Theory]
    [InlineData(512, 50_000, SearchWay.ThroughMatching)]
    [InlineData(64, 8_000, SearchWay.Scan)]
    [InlineData(16, 8_000, SearchWay.Scan)]    // a walk keeps as many as are reranked, however little the effort
    public void PlanAfterWalkAlongAllEdges_FollowsTheEffort(int ef, int matchCount, object expected)
    {
        SearchRequest request = CreateRequest(100_000, matchCount, ef);
        Assert.Equal((SearchWay)expected, SearchPlan.Create(request).Next(request, shareAroundStart: 0).Way);
    }

    /// <summary>Where a scan of sketches takes no longer, a walk that finds matches one in ten is not begun, at any effort.</summary>
    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(64)]
    public void PlanWithSketches_FewMatch_NoWalkIsBegunWhereNoMoreMatchAroundTheStart(int ef)
    {
        using CodeBook sketched = CreateBook();
        SearchRequest request = CreateRequest(100_000, 10_000, ef, sketched);
        SearchPlan plan = SearchPlan.Create(request);
        Assert.True(plan.LeastShareAroundStart > 0.1, $"{plan} is begun where {plan.LeastShareAroundStart} match; must be more than 0.1.");
        Assert.Equal(SearchWay.Scan, plan.Next(request, shareAroundStart: 0).Way);
    }

    /// <summary>As learning searches.</summary>
    [Theory]
    [InlineData(50_000, SearchWay.Scan)]
    [InlineData(100_000, SearchWay.AllEdges)]
    public void PlanWithSketches_MuchEffortWithoutAFilter_ManyVectorsAreNotScanned(int count, object expected)
    {
        using CodeBook sketched = CreateBook();
        SearchRequest request = new(new GraphSnapshot(0, 0, count), new ScoredOrdinal[K], 1000, null, count, CancellationToken.None) { Sketched = sketched };
        Assert.Equal((SearchWay)expected, SearchPlan.Create(request).Way);
    }

    private static SearchRequest CreateRequest(int count, int matchCount, int ef = Ef, CodeBook? sketched = null) => new(
        new GraphSnapshot(0, 0, count), new ScoredOrdinal[K], ef, new OrdinalSet(Enumerable.Range(0, matchCount)), count, CancellationToken.None)
    {
        Sketched = sketched,
    };

    private static CodeBook CreateBook() => new(ScalarQuantizer.Untrained(16), null, 16, new WriteClock());

    public readonly record struct Outcome(double Recall, double Visited, double Scored);

    /// <summary>Vectors around some hundred centres.</summary>
    public abstract class ClusteredIndex : IDisposable
    {
        private const int Count = 24_000;
        private const int QueryCount = 60;
        private readonly HnswIndex _index;
        private readonly float[][] _vectors;
        private readonly int[] _byDirection;

        protected ClusteredIndex(int dimension)
        {
            _index = new(new HnswParameters { Dimension = dimension, EfConstruction = 100 });
            float[][] centres = RandomVectors.Create(300, dimension, 1);
            Random random = new(2);
            float[] Near(float[] centre)
            {
                float[] noise = RandomVectors.CreateOne(random, dimension);
                float[] vector = [.. centre.Zip(noise, (c, n) => c + (0.6f * n))];
                VectorMath.Normalize(vector);
                return vector;
            }
            _vectors = [.. Enumerable.Range(0, Count).Select(_ => Near(centres[random.Next(centres.Length)]))];
            int[] ordinals = new int[Count];
            _index.AddRange(_vectors.SelectMany(vector => vector).ToArray(), ordinals);
            Assert.Equal(Enumerable.Range(0, Count), ordinals);
            _byDirection = [.. ordinals.OrderByDescending(ordinal => VectorMath.Dot(_vectors[ordinal], centres[0]))];
            float[][] queries = [.. Enumerable.Range(0, 20 * QueryCount).Select(_ => Near(centres[random.Next(centres.Length)]))];
            Queries = queries[..QueryCount];
            FarQueries = [.. queries.OrderBy(query => VectorMath.Dot(query, centres[0])).Take(QueryCount)];
            NearQueries = [.. queries.OrderByDescending(query => VectorMath.Dot(query, centres[0])).Take(QueryCount)];
        }

        public float[][] Queries { get; }

        /// <summary>Far from what matches <see cref="Nearest"/>.</summary>
        public float[][] FarQueries { get; }

        /// <summary>Among what matches <see cref="Nearest"/>.</summary>
        public float[][] NearQueries { get; }

        public static OrdinalSet Random(double share)
        {
            Random random = new(7);
            return new OrdinalSet(Enumerable.Range(0, Count).Where(_ => random.NextDouble() < share));
        }

        /// <summary>Those nearest to a direction.</summary>
        public OrdinalSet Nearest(double share) => new(_byDirection[..(int)(Count * share)]);

        public Outcome Search(float[][] queries, OrdinalSet? filter, int k = K, int ef = Ef)
        {
            double visited = 0;
            double scored = 0;
            int found = 0;
            ScoredOrdinal[] exact = new ScoredOrdinal[k];
            ScoredOrdinal[] hits = new ScoredOrdinal[k];
            foreach (float[] query in queries)
            {
                _index.SearchExact(query, exact, filter);
                SearchStatistics statistics = _index.Search(query, ef, hits, filter);
                Assert.Equal(k, statistics.Found);
                visited += statistics.VisitedCount;
                scored += statistics.ScoredCount;
                found += hits.Count(hit => exact.Contains(hit));
            }
            return new Outcome(found / (double)(k * queries.Length), visited / queries.Length, scored / queries.Length);
        }

        public void Dispose()
        {
            _index.Dispose();
            GC.SuppressFinalize(this);
        }
    }

    public sealed class ShortVectors() : ClusteredIndex(dimension: 24);

    /// <summary>Long enough for sketches.</summary>
    public sealed class LongVectors() : ClusteredIndex(dimension: 256);
}
