namespace ChineseClip.Cluster.Tests.Faults;

/// <summary>What every fault ends with.</summary>
internal static class Assertions
{
    /// <summary>Ends the fleet and compares what is stored with what was acknowledged.</summary>
    public static async Task EndsWellAsync(this ClientFleet fleet, string what)
    {
        await fleet.StopAsync();
        var verdict = await fleet.CheckAsync();
        ChaosSettings.Print(
            $"{what}: {fleet.Model.AcknowledgedCount} writes acknowledged, {fleet.Answered} of {fleet.Searches} searches answered, {verdict}; {fleet.Codes}");
        Assert.True(verdict.Holds, $"{what}: {verdict}");
        Assert.Equal(0, fleet.Model.ShownPhantoms);
    }

    /// <summary>Waits until a condition holds that only asking can tell, within a bound.</summary>
    public static async Task UntilAsync(string what, TimeSpan bound, Func<Task<bool>> holds, Func<string>? otherwise = null)
    {
        using var limit = new CancellationTokenSource(bound);
        while (!await holds())
        {
            if (limit.IsCancellationRequested)
            {
                Assert.Fail($"{what}: not within {bound}. {otherwise?.Invoke()}");
            }

            await Task.Delay(50, CancellationToken.None);
        }
    }
}
