using ChineseClip.Grains.Concurrency;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Shards;
using ChineseClip.Vectors;
using Microsoft.Extensions.Time.Testing;

namespace ChineseClip.Grains.Tests;

/// <summary>The shards of a silo share what learning may take, and give way to searches.</summary>
public sealed class LearningTurnsTests
{
    private readonly FakeTimeProvider _time = new();
    private TimeSpan _used;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Shards_LearnOneAfterTheOther()
    {
        using HnswIndex index = new(new HnswParameters { Dimension = 16 });
        using BoundedPool searches = new("search", 1, 8);
        LearningTurns turns = new(searches, _time, () => _used);
        ShardLearning[] shards = [.. Enumerable.Range(0, 3).Select(_ => new ShardLearning(index, new LearningOptions(), _time, turns))];
        Array.ForEach(shards, turns.Add);

        List<int> order = [];
        for (int second = 0; second < 6; second++)
        {
            order.Add(Assert.Single(Enumerable.Range(0, shards.Length), i => turns.IsTurnOf(shards[i])));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(order[..3], order[3..]);
        Assert.Equal([0, 1, 2], order[..3].Order());
        foreach (ShardLearning shard in shards)
        {
            await shard.DisposeAsync();
            Assert.False(turns.IsTurnOf(shard));
        }
    }

    [Theory]
    [InlineData(0.6, true)]
    [InlineData(0.8, false)]
    public async Task WhileTheProcessorsAreInUse_NobodyLearns(double share, bool learns)
    {
        using HnswIndex index = new(new HnswParameters { Dimension = 16 });
        using BoundedPool searches = new("search", 1, 8);
        LearningTurns turns = new(searches, _time, () => _used);
        await using ShardLearning shard = new(index, new LearningOptions(), _time, turns);
        turns.Add(shard);

        _time.Advance(TimeSpan.FromSeconds(1));
        _used += share * Environment.ProcessorCount * TimeSpan.FromSeconds(1);
        Assert.Equal(learns, turns.IsTurnOf(shard));

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(turns.IsTurnOf(shard));    // it has become calm
    }

    [Fact]
    public async Task WhileSearchesWait_NobodyLearns()
    {
        using HnswIndex index = new(new HnswParameters { Dimension = 16 });
        using BoundedPool searches = new("search", 1, 8);
        LearningTurns turns = new(searches, _time, () => _used);
        await using ShardLearning shard = new(index, new LearningOptions(), _time, turns);
        turns.Add(shard);
        using ManualResetEventSlim end = new();
        Task<bool> working = searches.RunAsync(() => end.Wait(TimeSpan.FromMinutes(1)), Token);
        Task<bool> waiting = searches.RunAsync(() => true, Token);

        Assert.False(turns.IsTurnOf(shard));
        end.Set();
        await Task.WhenAll(working, waiting);

        Assert.True(turns.IsTurnOf(shard));
    }
}
