using ChineseClip.Server.Gateway;
using Microsoft.Extensions.Time.Testing;

namespace ChineseClip.Server.Tests;

public sealed class RefusalPaceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void FewRefusals_AreSentAtOnce_AndManyAMomentAfterTheirRequestCame()
    {
        RefusalPace pace = new(_time);
        int atOnce = SendUntilHeld(pace);
        long arrivedAt = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(95));    // it waited for its turn

        Task held = pace.Next(arrivedAt);
        Assert.Same(held, pace.Next(arrivedAt));    // one timer for those of a moment
        _time.Advance(TimeSpan.FromMilliseconds(204));
        Assert.False(held.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(11));    // those due within 10 ms are sent together
        Assert.True(held.IsCompletedSuccessfully);
        Assert.True(atOnce >= 50, $"{atOnce} were sent at once.");
    }

    [Fact]
    public void WhoHasWaitedLongAlready_IsRefusedAtOnce()
    {
        RefusalPace pace = new(_time);
        long arrivedAt = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(300));
        SendUntilHeld(pace);

        Assert.True(pace.Next(arrivedAt).IsCompleted);
    }

    [Fact]
    public void EachIsHeldForItsOwnTime_HoweverManyMomentsAreUnderWay()
    {
        RefusalPace pace = new(_time);
        SendUntilHeld(pace);
        List<(long ArrivedAt, Task Sent)> held = [];
        TimeSpan longest = TimeSpan.Zero;
        for (int millisecond = 0; millisecond < 2000; millisecond++)
        {
            if (millisecond % 100 == 0)
            {
                SendUntilHeld(pace);    // the few of each window
            }

            held.Add((_time.GetTimestamp(), pace.Next(_time.GetTimestamp())));
            _time.Advance(TimeSpan.FromMilliseconds(1));
            foreach ((long arrivedAt, Task sent) in held)
            {
                TimeSpan waited = _time.GetElapsedTime(arrivedAt);
                Assert.True(waited >= TimeSpan.FromMilliseconds(300) || !sent.IsCompleted, $"sent after {waited}");
                longest = !sent.IsCompleted && waited > longest ? waited : longest;
            }

            held.RemoveAll(refusal => refusal.Sent.IsCompleted);
        }

        Assert.True(longest < TimeSpan.FromMilliseconds(311), $"one was held for {longest}");
    }

    [Fact]
    public void AfterAWindow_RefusalsAreSentAtOnceAgain()
    {
        RefusalPace pace = new(_time);
        SendUntilHeld(pace);

        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.True(pace.Next(_time.GetTimestamp()).IsCompleted);
    }

    private int SendUntilHeld(RefusalPace pace)
    {
        int atOnce = 0;
        while (pace.Next(_time.GetTimestamp()).IsCompleted)
        {
            atOnce++;
        }

        return atOnce;
    }
}
