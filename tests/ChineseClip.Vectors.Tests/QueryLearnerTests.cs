namespace ChineseClip.Vectors.Tests;

public sealed class QueryLearnerTests
{
    private const int Dimension = 64;
    private static readonly float[][] Items = Around(RandomVectors.Create(6000, Dimension, 51), axis: 0);
    private static readonly float[][] Texts = Around(RandomVectors.Create(2400, Dimension, 52), axis: 1);

    private static readonly QueryLearnerOptions Options = new()
    {
        Learning = new LearningParameters { NeighborCount = 12, Ef = 400 },
        ServingEf = 16,
        SampleEvery = 16,
        SampleWindow = 200,
    };

    [Fact]
    public void Work_QueriesOutsideTheDistribution_ReportsTheGain()
    {
        using HnswIndex index = HnswIndexTests.Build(Items);
        double itemsBefore = HnswIndexTests.Recall(index, Items[..200], ef: 40);
        QueryLearner learner = Observe(index, Texts);
        LearningReport report = learner.Report();
        Assert.Equal(Texts.Length, report.QueriesSeen);
        Assert.Equal(Texts.Length / 16, report.SampledQueries);
        Assert.Equal(Texts.Length, report.QueriesLearned + report.QueriesKnown + report.SampledQueries);
        Assert.True(report.QueriesKnown > 0 && report.QueriesLearned > report.QueriesKnown, $"{report}");
        Assert.True(report.EdgesAdded > report.EdgesReplaced, $"{report}");
        Assert.True(report.SampledRecall > report.SampledRecallWithoutLearning + 0.03, $"{report}");
        Assert.Equal(report.SampledRecall!.Value, HnswIndexTests.Recall(index, Sampled(Texts), ef: 16), 1e-9);
        double itemsAfter = HnswIndexTests.Recall(index, Items[..200], ef: 40);
        Assert.True(itemsAfter >= itemsBefore - 0.002, $"recall of items was {itemsBefore} and is {itemsAfter}");
    }

    [Fact]
    public void ForgetLearned_AfterLearning_LeavesTheIndexAsItWas()
    {
        using HnswIndex index = HnswIndexTests.Build(Items);
        ScoredOrdinal[][] before = Array.ConvertAll(Texts[..50], text => HnswIndexTests.SearchHits(index, text, 16, 10));
        Observe(index, Texts);
        ScoredOrdinal[] hits = new ScoredOrdinal[10];
        Assert.Contains(Enumerable.Range(0, 50), i => !HnswIndexTests.SearchHits(index, Texts[i], 16, 10).SequenceEqual(before[i]));
        for (int i = 0; i < 50; i++)
        {
            index.SearchWithoutLearned(Texts[i], 16, hits);
            Assert.Equal(before[i], hits);
        }
        index.ForgetLearned();
        Assert.Equal(before, Array.ConvertAll(Texts[..50], text => HnswIndexTests.SearchHits(index, text, 16, 10)));
    }

    [Fact]
    public void Work_QueriesDrift_NewEdgesReplaceOldOnes()
    {
        using HnswIndex index = HnswIndexTests.Build(Items);
        float[][] others = Around(RandomVectors.Create(2400, Dimension, 53), axis: 2);
        QueryLearner learner = new(index, Options with { Learning = Options.Learning with { EdgesPerNode = 4 } });
        Feed(learner, Texts);
        double before = HnswIndexTests.Recall(index, Sampled(others), ef: 16);
        long replacedBefore = learner.Report().EdgesReplaced;
        Feed(learner, others);
        double after = HnswIndexTests.Recall(index, Sampled(others), ef: 16);
        Assert.True(learner.Report().EdgesReplaced > replacedBefore);
        Assert.True(after > before + 0.02, $"recall of the new kind of texts was {before} and is {after}");
    }

    [Fact]
    public void Work_ItemsReplaced_LearnsRememberedQueriesAgain()
    {
        using HnswIndex index = HnswIndexTests.Build(Items[..3000]);
        QueryLearner learner = new(index, Options);
        Feed(learner, Texts);
        Assert.Equal(0, learner.Report().Relearnings);
        for (int i = 0; i < 3000; i++)
        {
            index.Remove(i);
            index.Add(Items[3000 + i]);
        }
        double before = HnswIndexTests.Recall(index, Sampled(Texts), ef: 16);
        while (learner.Work(100, TestContext.Current.CancellationToken) > 0)
        {
        }
        double after = HnswIndexTests.Recall(index, Sampled(Texts), ef: 16);
        Assert.Equal(1, learner.Report().Relearnings);
        Assert.True(after > before + 0.03, $"recall of texts was {before} and is {after}");
        Assert.Equal(0, index.RepairReachability());
    }

    [Fact]
    public void IsEnabled_Off_NothingIsSeenOrLearned()
    {
        using HnswIndex index = HnswIndexTests.Build(Items[..500]);
        QueryLearner learner = new(index) { IsEnabled = false };
        learner.Observe(Texts[0]);
        learner.IsEnabled = true;
        Assert.Equal(0, learner.Work(10, TestContext.Current.CancellationToken));
        learner.Observe(Texts[0]);
        learner.IsEnabled = false;
        Assert.Equal(0, learner.Work(10, TestContext.Current.CancellationToken));
        learner.IsEnabled = true;
        Assert.Equal(1, learner.Work(10, TestContext.Current.CancellationToken));
        Assert.Equal(1, learner.Report().QueriesSeen);
        Assert.Null(learner.Report().SampledRecall);
    }

    [Fact]
    public async Task RunAsync_QueriesArrive_LearnsThemAndEndsWhenCanceled()
    {
        using HnswIndex index = HnswIndexTests.Build(Items[..2000]);
        using CancellationTokenSource cancellation = new();
        QueryLearner learner = new(index, Options with { SampleEvery = 0, MaxShareOfCore = 1 });
        Task run = learner.RunAsync(cancellation.Token);
        foreach (float[] text in Texts[..100])
        {
            learner.Observe(text);
        }
        while (learner.Report() is var report && report.QueriesLearned + report.QueriesKnown < 100)
        {
            await Task.Yield();
        }
        Assert.False(run.IsCompleted);
        await cancellation.CancelAsync();
        await run;
    }

    [Fact]
    public async Task RunAsync_WhileOthersAreBusy_LearnsNothing_AndGoesOnAfterwards()
    {
        using HnswIndex index = HnswIndexTests.Build(Items[..2000]);
        using CancellationTokenSource cancellation = new();
        TaskCompletionSource askedTwice = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isBusy = true;
        int asked = 0;
        QueryLearner learner = new(index, Options with
        {
            SampleEvery = 0,
            MaxShareOfCore = 1,
            IsBusy = () =>
            {
                if (Interlocked.Increment(ref asked) == 2)
                {
                    askedTwice.SetResult();
                }
                return Volatile.Read(ref isBusy);
            },
        });
        Task run = learner.RunAsync(cancellation.Token);
        learner.Observe(Texts[0]);

        await askedTwice.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, learner.Report().QueriesLearned + learner.Report().QueriesKnown);
        Volatile.Write(ref isBusy, false);
        while (learner.Report() is var report && report.QueriesLearned + report.QueriesKnown == 0)
        {
            await Task.Yield();
        }

        await cancellation.CancelAsync();
        await run;
    }

    [Fact]
    public void Constructor_OptionOutOfBounds_NamesValueAndBound()
    {
        using HnswIndex index = new(new HnswParameters { Dimension = 8 });
        Assert.Contains("MaxShareOfCore is 2; must be above 0 and at most 1", Message(Options with { MaxShareOfCore = 2 }), StringComparison.Ordinal);
        Assert.Contains("K is 0; must be 1..128", Message(Options with { K = 0 }), StringComparison.Ordinal);
        Assert.Contains(
            "EdgesPerNode is 17; must be 1..16", Message(Options with { Learning = new LearningParameters { EdgesPerNode = 17 } }),
            StringComparison.Ordinal);

        string Message(QueryLearnerOptions options) =>
            Assert.Throws<ArgumentOutOfRangeException>(() => new QueryLearner(index, options)).Message;
    }

    private static QueryLearner Observe(HnswIndex index, float[][] queries)
    {
        QueryLearner learner = new(index, Options);
        Feed(learner, queries);
        return learner;
    }

    private static void Feed(QueryLearner learner, float[][] queries)
    {
        foreach (float[] query in queries)
        {
            learner.Observe(query);
        }
        while (learner.Work(100, TestContext.Current.CancellationToken) > 0)
        {
        }
    }

    // The queries that the learner holds out.
    private static float[][] Sampled(float[][] queries) => [.. queries.Where((_, i) => (i + 1) % 16 == 0)];

    private static float[][] Around(float[][] vectors, int axis)
    {
        foreach (float[] vector in vectors)
        {
            vector[axis] += 1;
            VectorMath.Normalize(vector);
        }
        return vectors;
    }
}
