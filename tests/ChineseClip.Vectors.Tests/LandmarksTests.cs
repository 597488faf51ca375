namespace ChineseClip.Vectors.Tests;

public sealed class LandmarksTests : IDisposable
{
    private const int Dimension = 256;
    private const int ClusterCount = 400;
    private const int ClusterSize = 24;
    private const int K = 10;
    private readonly HnswIndex _index = new(new HnswParameters { Dimension = Dimension, EfConstruction = 60 });
    private readonly float[][] _vectors;
    private readonly float[][] _others;
    private readonly float[][] _queries;

    /// <summary>Tight clusters, that have hardly anything in common.</summary>
    public LandmarksTests()
    {
        Random random = new(3);
        float[][] centres = RandomVectors.Create(2 * ClusterCount, Dimension, 1);
        float[] Near(float[] centre)
        {
            float[] vector = [.. centre.Zip(RandomVectors.CreateOne(random, Dimension), (c, n) => c + (0.4f * n))];
            VectorMath.Normalize(vector);
            return vector;
        }
        float[][] Around(float[][] some)
        {
            float[][] vectors = [.. Enumerable.Range(0, ClusterCount * ClusterSize).Select(i => Near(some[i % ClusterCount]))];
            random.Shuffle(vectors);
            return vectors;
        }
        _vectors = Around(centres[..ClusterCount]);
        _others = Around(centres[ClusterCount..]);
        _queries = Array.ConvertAll(centres[..ClusterCount], Near);
        Add(_vectors);
    }

    [Fact]
    public void SearchOfLittleEffort_BeginsInTheRightCluster()
    {
        Assert.InRange(CountFound(out double visited), 0.97 * _queries.Length, _queries.Length);
        Assert.InRange(visited, K, 1.3 * K);    // none on a way down
    }

    /// <summary>More and more landmarks are gone, until they are chosen anew.</summary>
    [Fact]
    public void ManyWereRemoved_SearchBeginsAmongTheRest()
    {
        for (int ordinal = 0; ordinal < _vectors.Length; ordinal++)
        {
            if (ordinal % 4 != 0)
            {
                Assert.True(_index.Remove(ordinal));
            }
            if (ordinal % 1000 == 0)
            {
                Assert.InRange(CountFound(out double visited), 0.95 * _queries.Length, _queries.Length);
                Assert.InRange(visited, 1, 4 * K);
            }
        }
    }

    /// <summary>All are replaced by others, in the same slots.</summary>
    [Fact]
    public void AllWereReplaced_SearchBeginsAmongTheNew()
    {
        for (int ordinal = 0; ordinal < _vectors.Length; ordinal++)
        {
            Assert.True(_index.Remove(ordinal));
        }
        Add(_others);
        Assert.InRange(CountFoundThemselves(), 0.97 * ClusterCount, ClusterCount);
    }

    [Fact]
    public void IndexGrew_SearchBeginsAmongTheNew()
    {
        CountFound(out _);
        Add(_others);
        Assert.InRange(CountFoundThemselves(), 0.97 * ClusterCount, ClusterCount);
    }

    public void Dispose() => _index.Dispose();

    // How many of the others do.
    private int CountFoundThemselves()
    {
        ScoredOrdinal[] hits = new ScoredOrdinal[1];
        return _others[..ClusterCount].Count(vector => _index.Search(vector, ef: K, hits).Found == 1 && hits[0].Score > 0.999);
    }

    // On one thread, so that the graph is always the same.
    private void Add(float[][] vectors) => _index.AddRange(
        vectors.SelectMany(vector => vector).ToArray(), new int[vectors.Length], new BulkBuildOptions { Threads = 1 }, TestContext.Current.CancellationToken);

    // How many queries find the best hit.
    private int CountFound(out double visited)
    {
        ScoredOrdinal[] exact = new ScoredOrdinal[1];
        ScoredOrdinal[] hits = new ScoredOrdinal[1];
        int found = 0;
        visited = 0;
        foreach (float[] query in _queries)
        {
            _index.SearchExact(query, exact);
            visited += _index.Search(query, ef: K, hits).VisitedCount / (double)_queries.Length;
            found += hits[0] == exact[0] ? 1 : 0;
        }
        return found;
    }
}
