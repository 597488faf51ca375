namespace ChineseClip.Vectors.Tests;

public sealed class LandmarksTests : IDisposable
{
    private const int Dimension = 256;
    private const int ClusterCount = 400;
    private const int ClusterSize = 24;
    private const int LandmarkCount = 1024;    // of so few vectors
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

    [Fact]
    public void LandmarksWereRemoved_SearchBeginsElsewhere()
    {
        CountFound(out _);    // now they are known
        for (int i = 0; i < LandmarkCount; i++)
        {
            Assert.True(_index.Remove((int)((long)_vectors.Length * i / LandmarkCount)));
        }
        Assert.InRange(CountFound(out _), 0.9 * _queries.Length, _queries.Length);
    }

    [Fact]
    public void IndexGrew_SearchBeginsAmongTheNew()
    {
        CountFound(out _);
        Add(_others);
        ScoredOrdinal[] hits = new ScoredOrdinal[K];
        int found = _others[..ClusterCount].Count(vector => _index.Search(vector, ef: K, hits).Found == K && hits[0].Score > 0.999);
        Assert.InRange(found, 0.97 * ClusterCount, ClusterCount);
    }

    public void Dispose() => _index.Dispose();

    // On one thread, so that the graph is always the same.
    private void Add(float[][] vectors) => _index.AddRange(
        vectors.SelectMany(vector => vector).ToArray(), new int[vectors.Length], new BulkBuildOptions { Threads = 1 }, TestContext.Current.CancellationToken);

    // How many queries find the best hit.
    private int CountFound(out double visited)
    {
        ScoredOrdinal[] exact = new ScoredOrdinal[1];
        ScoredOrdinal[] hits = new ScoredOrdinal[K];
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
