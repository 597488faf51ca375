namespace ChineseClip.Vectors.Tests;

public sealed class BulkBuildTests
{
    private const int Dimension = 24;
    private const int Count = 5000;
    private static readonly float[][] Vectors = RandomVectors.Create(Count, Dimension, 71);
    private static readonly float[][] Queries = RandomVectors.Create(100, Dimension, 72);

    [Theory]
    [InlineData(VectorQuantization.Sq7, 1)]
    [InlineData(VectorQuantization.Sq7, 4)]
    [InlineData(VectorQuantization.Sq7S16, 4)]
    [InlineData(VectorQuantization.None, 4)]
    public void AddRange_EmptyIndex_RecallAsOneByOne(VectorQuantization quantization, int threads)
    {
        using HnswIndex oneByOne = HnswIndexTests.Build(Vectors, quantization);
        using HnswIndex bulk = Create(quantization);
        int[] ordinals = new int[Count];
        bulk.AddRange(Flatten(Vectors), ordinals, new BulkBuildOptions { Threads = threads }, TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, Count), ordinals);
        Assert.Equal(Count, bulk.Count);
        Assert.Equal(0, bulk.RepairReachability());
        double expected = HnswIndexTests.Recall(oneByOne, Queries, ef: 60);
        double recall = HnswIndexTests.Recall(bulk, Queries, ef: 60);
        Assert.True(recall >= expected - 0.02, $"recall@10 is {recall}; one by one it is {expected}.");
        AssertHolds(bulk, ordinals, Vectors, quantization == VectorQuantization.Sq7S16 ? 1.6e-5f : 0);
    }

    [Fact]
    public void AddRange_FilledIndexWithRemovedVectors_ReusesSlotsAndKeepsRecall()
    {
        using HnswIndex index = HnswIndexTests.Build(Vectors[..2000]);
        for (int ordinal = 0; ordinal < 2000; ordinal += 2)
        {
            Assert.True(index.Remove(ordinal));
        }
        int[] ordinals = new int[Count - 2000];
        index.AddRange(Flatten(Vectors[2000..]), ordinals, new BulkBuildOptions { Threads = 3 }, TestContext.Current.CancellationToken);
        Assert.Equal(Count - 1000, index.Count);
        Assert.Equal(ordinals.Length, ordinals.Distinct().Count());
        Assert.Contains(ordinals, ordinal => ordinal < 2000);
        AssertHolds(index, ordinals, Vectors[2000..], 0);
        double recall = HnswIndexTests.Recall(index, Queries, ef: 60);
        Assert.True(recall >= 0.95, $"recall@10 is {recall}; must be at least 0.95.");
        Assert.Equal(0, index.RepairReachability());
    }

    [Fact]
    public async Task AddRange_BesideSearchesAndOtherWriters_EveryVectorIsFound()
    {
        using HnswIndex index = HnswIndexTests.Build(Vectors[..500]);
        int[] ordinals = new int[Count - 1000];
        bool done = false;
        Task bulk = Task.Run(() =>
        {
            index.AddRange(Flatten(Vectors[1000..]), ordinals, new BulkBuildOptions { Threads = 2 });
            Volatile.Write(ref done, true);
        }, TestContext.Current.CancellationToken);
        Task writer = Task.Run(() =>
        {
            foreach (float[] vector in Vectors[500..1000])
            {
                index.Add(vector);
            }
        }, TestContext.Current.CancellationToken);
        int searches = 0;
        while (!Volatile.Read(ref done) || searches == 0)
        {
            float[] vector = Vectors[searches % 500];
            ScoredOrdinal[] hits = HnswIndexTests.SearchHits(index, vector, 100, 10);
            Assert.Equal(10, hits.Length);
            Assert.Equal(searches % 500, hits[0].Ordinal);
            searches++;
        }
        await Task.WhenAll(bulk, writer);
        Assert.Equal(Count, index.Count);
        AssertHolds(index, ordinals, Vectors[1000..], 0);
    }

    [Fact]
    public void AddRange_CanceledByProgress_ReportsWhatWasAdded()
    {
        using HnswIndex index = Create(VectorQuantization.Sq7);
        using CancellationTokenSource cancellation = new();
        int[] ordinals = new int[Count];
        CancelAfterFirst progress = new(cancellation);
        Assert.Throws<OperationCanceledException>(() => index.AddRange(
            Flatten(Vectors), ordinals, new BulkBuildOptions { Threads = 2, Progress = progress }, cancellation.Token));
        Assert.Equal(1, progress.Reports);
        Assert.Equal(progress.Last.Added, index.Count);
        Assert.Equal(Count, progress.Last.Total);
        Assert.InRange(index.Count, 1, Count - 1);
        Assert.All(ordinals[..index.Count], ordinal => Assert.True(ordinal >= 0));
        Assert.All(ordinals[index.Count..], ordinal => Assert.Equal(-1, ordinal));
        AssertHolds(index, ordinals[..index.Count], Vectors[..index.Count], 0);
    }

    [Fact]
    public void AddRange_WrongInput_NamesItAndAddsNothing()
    {
        using HnswIndex index = Create(VectorQuantization.Sq7);
        float[] rows = Flatten(Vectors[..3]);
        rows[Dimension] += 1;
        Assert.Contains("unitVectors row 1 has length", Message(rows, 3, 1), StringComparison.Ordinal);
        Assert.Contains("unitVectors has 72 elements; must have 96: 4 rows of 24", Message(rows, 4, 1), StringComparison.Ordinal);
        Assert.Contains("Threads is 257; must be 0..256", Message(rows, 3, 257), StringComparison.Ordinal);
        Assert.Equal(0, index.Count);
        index.AddRange(default, [], cancellationToken: TestContext.Current.CancellationToken);

        string Message(float[] rows, int count, int threads) => Assert.ThrowsAny<ArgumentException>(
            () => index.AddRange(rows, new int[count], new BulkBuildOptions { Threads = threads })).Message;
    }

    private static HnswIndex Create(VectorQuantization quantization) =>
        new(new HnswParameters { Dimension = Dimension, EfConstruction = 100, Quantization = quantization });

    private static float[] Flatten(float[][] vectors) => [.. vectors.SelectMany(vector => vector)];

    private static void AssertHolds(HnswIndex index, int[] ordinals, float[][] vectors, float tolerance)
    {
        float[] copy = new float[Dimension];
        for (int i = 0; i < ordinals.Length; i++)
        {
            index.GetVector(ordinals[i], copy);
            float worst = 0;
            for (int d = 0; d < copy.Length; d++)
            {
                worst = MathF.Max(worst, MathF.Abs(copy[d] - vectors[i][d]));
            }
            Assert.True(worst <= tolerance, $"an element of row {i} is {worst} off");
        }
    }

    private sealed class CancelAfterFirst(CancellationTokenSource cancellation) : IProgress<BulkBuildProgress>
    {
        public int Reports { get; private set; }

        public BulkBuildProgress Last { get; private set; }

        public void Report(BulkBuildProgress value)
        {
            Reports++;
            Last = value;
            cancellation.Cancel();
        }
    }
}
