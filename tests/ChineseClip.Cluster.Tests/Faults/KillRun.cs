using System.Diagnostics;

namespace ChineseClip.Cluster.Tests.Faults;

/// <summary>kill -9 of a random silo again and again, under writes, deletes and searches; at checkpoints all is compared.</summary>
internal sealed class KillRun(SilosUnderTest silos, ClientFleet fleet, int seed)
{
    private const int KillsBetweenChecks = 25;

    /// <summary>Kills so often or so long, whichever is more.</summary>
    public async Task RunAsync(string name, int kills, TimeSpan duration)
    {
        ChaosSettings.Print($"{name}: seed {seed}");
        var random = new Random(seed);
        var elapsed = Stopwatch.StartNew();
        var killed = 0;
        fleet.Start();
        while (killed < kills || elapsed.Elapsed < duration)
        {
            await fleet.Model.MoreAsync(random.Next(20, 150));    // so the kill always comes amid writes, however slow the machine
            var victim = random.Next(silos.Count);
            await silos.KillAsync(victim);
            await silos.StartAsync(victim);
            if (++killed % KillsBetweenChecks == 0)
            {
                await CheckAsync($"{name}: {killed} kills in {elapsed.Elapsed.TotalSeconds:0} s");
                fleet.Start();
            }
        }

        await CheckAsync($"{name}: {killed} kills in {elapsed.Elapsed.TotalSeconds:0} s (end)");
    }

    private async Task CheckAsync(string what)
    {
        await fleet.StopAsync();
        var verdict = await fleet.CheckAsync();
        ChaosSettings.Print(
            $"{what}, {fleet.Model.AcknowledgedCount} writes acknowledged, {fleet.Retries} attempts repeated, "
            + $"{fleet.Answered} of {fleet.Searches} searches answered, {verdict}, "
            + $"{fleet.Model.ShownAfterDelete} shown after their delete, {fleet.Model.ShownPhantoms} phantoms shown; {fleet.Codes}");
        Assert.True(verdict.Holds, $"seed {seed}: {what}: {verdict}");
        Assert.Equal((0, 0), (fleet.Model.ShownAfterDelete, fleet.Model.ShownPhantoms));
    }
}
