using ChineseClip.Server.Gateway;
using Microsoft.Extensions.Time.Testing;

namespace ChineseClip.Server.Tests;

public sealed class AdaptiveLimitTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Enter_BeyondTheLimit_IsRefusedUntilOneLeaves()
    {
        var limit = new AdaptiveLimit(floor: 1, ceiling: 3, _time);

        bool[] entered = [.. Enumerable.Range(0, 4).Select(_ => limit.TryEnter())];
        limit.Leave(_time.GetTimestamp(), isLate: null);

        Assert.Equal([true, true, true, false], entered);
        Assert.Equal((3, 2), (limit.Current, limit.InFlight));
        Assert.True(limit.TryEnter());
    }

    [Fact]
    public void AServerOfFixedSpeed_SettlesWhereAnswersAreInTime()
    {
        // 100 answers a second, in time within 200 ms: 20 at once is what the server can keep up with.
        var limit = new AdaptiveLimit(floor: 2, ceiling: 1000, _time);
        var queue = new Queue<long>();
        var settled = new List<int>();
        for (int tick = 0; tick < 6000; tick++)
        {
            for (int arrival = 0; arrival < 5; arrival++)    // five times what it can do
            {
                if (limit.TryEnter())
                {
                    queue.Enqueue(_time.GetTimestamp());
                }
            }

            _time.Advance(TimeSpan.FromMilliseconds(10));
            long entered = queue.Dequeue();
            limit.Leave(entered, _time.GetElapsedTime(entered) > TimeSpan.FromMilliseconds(200));
            if (tick > 3000)
            {
                settled.Add(limit.Current);
            }
        }

        Assert.InRange(settled.Average(), 10, 25);
        Assert.InRange(settled.Max(), 10, 40);
        Assert.InRange(settled.Min(), 2, 25);
    }

    [Fact]
    public void AllInTime_GrowsToTheCeilingAndNoFurther()
    {
        var limit = new AdaptiveLimit(floor: 4, ceiling: 100, _time);
        for (int round = 0; round < 200; round++)
        {
            int entered = 0;
            while (limit.TryEnter())
            {
                entered++;
            }

            long start = _time.GetTimestamp();
            _time.Advance(TimeSpan.FromMilliseconds(100));
            for (; entered > 0; entered--)
            {
                limit.Leave(start, isLate: false);
            }
        }

        Assert.Equal((100, 0), (limit.Current, limit.InFlight));
    }

    [Fact]
    public void AllLate_FallsToTheFloorAndNoFurther()
    {
        var limit = new AdaptiveLimit(floor: 4, ceiling: 100, _time);
        for (int round = 0; round < 200; round++)
        {
            for (int i = 0; i < 4; i++)
            {
                Assert.True(limit.TryEnter());
            }

            long start = _time.GetTimestamp();
            _time.Advance(TimeSpan.FromSeconds(1));
            for (int i = 0; i < 4; i++)
            {
                limit.Leave(start, isLate: true);
            }
        }

        Assert.Equal(4, limit.Current);
    }
}
