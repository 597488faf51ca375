using ChineseClip.Server.Gateway;
using Microsoft.Extensions.Time.Testing;

namespace ChineseClip.Server.Tests;

public sealed class RefusalPaceTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void FewRefusals_AreSentAtOnce_AndManyAfterAMoment()
    {
        RefusalPace pace = new(_time);
        int atOnce = 0;
        Task held;
        while ((held = pace.Next()).IsCompleted)
        {
            atOnce++;
        }

        Assert.True(atOnce >= 50, $"{atOnce} were sent at once.");
        Assert.Same(held, pace.Next());    // one timer for those of a moment
        _time.Advance(TimeSpan.FromMilliseconds(299));
        Assert.False(held.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(held.IsCompletedSuccessfully);
    }

    [Fact]
    public void AfterAWindow_RefusalsAreSentAtOnceAgain()
    {
        RefusalPace pace = new(_time);
        while (pace.Next().IsCompleted)
        {
        }

        _time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.True(pace.Next().IsCompleted);
    }
}
