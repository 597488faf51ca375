using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Shards;
using ChineseClip.Vectors;

namespace ChineseClip.Grains.Tests;

public sealed class ShardLearningTests
{
    private const int Dimension = 16;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TextQueries_OfAShardThatIsLargeEnough_AreSeenAndOthersNot()
    {
        using HnswIndex index = new(new HnswParameters { Dimension = Dimension });
        await using ShardLearning learning = new(index, new LearningOptions { FromItems = 50 }, TimeProvider.System);
        learning.Observe(Vector(0));
        Assert.Null(learning.Describe());    // too small: no memory is taken for it
        for (int i = 0; i < 60; i++)
        {
            index.Add(Vector(i));
        }

        for (int i = 0; i < 5; i++)
        {
            learning.Observe(Vector(1000 + i));
        }

        LearningState? state = learning.Describe();
        Assert.Equal(5, state?.QueriesSeen);
    }

    [Fact]
    public async Task Disabled_SeesNothing()
    {
        using HnswIndex index = new(new HnswParameters { Dimension = Dimension });
        index.Add(Vector(1));
        await using ShardLearning learning = new(index, new LearningOptions { FromItems = 1, IsEnabled = false }, TimeProvider.System);
        learning.Observe(Vector(2));
        Assert.Null(learning.Describe());
    }

    [Fact]
    public async Task Collection_CreatedWithoutLearning_DoesNotLearn()
    {
        await using TestSilos silos = await TestSilos.StartAsync(settings: new() { ["Learning:FromItems"] = "1" });
        foreach ((string name, bool learns) in new[] { ("a", true), ("b", false) })
        {
            await silos.Grains.Collections().CreateAsync(
                new CreateCollection { Name = name, Model = Fakes.FakeModel.ModelName, Shards = 1, Learns = learns }, Token);
            await silos.Grains.Ingest().PutAsync(
                new PutItems { Collection = name, Items = [new PutItem { Id = "1", Text = "鱼" }] }, Token);
            await silos.Grains.Search().SearchAsync(new SearchQuery { Collection = name, Text = "鸟" }, Token);
            await silos.Grains.Search().SearchAsync(new SearchQuery { Collection = name, Id = "1" }, Token);
            CollectionDescription described = await silos.Grains.Collections().DescribeAsync(name, Token);
            Assert.Equal(learns ? 1 : null, described.Shards[0].Learning?.QueriesSeen);
        }
    }

    private static float[] Vector(int seed)
    {
        Random random = new(seed);
        float[] values = [.. Enumerable.Range(0, Dimension).Select(_ => (float)(random.NextDouble() - 0.5))];
        VectorMath.Normalize(values);
        return values;
    }
}
