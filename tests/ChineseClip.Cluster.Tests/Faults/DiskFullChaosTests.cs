using ChineseClip.Cluster.Tests.Processes;
using ChineseClip.Contracts;

namespace ChineseClip.Cluster.Tests.Faults;

/// <summary>One process with files on a disk of 20 MB that fills up.</summary>
[Trait("Category", "Chaos")]
public sealed class DiskFullChaosTests
{
    private const long DiskBytes = 20_000_000;

    [Fact]
    public async Task DiskFull_WritesAreRefused_ReadsGoOn_WritesResumeAndNothingIsLost()
    {
        using var data = new TemporaryDirectory();
        using var disk = TemporaryVolume.Mount(DiskBytes);
        Directory.CreateSymbolicLink(data.Combine("storage"), disk.Path);    // the logs are on the small disk, the model is not
        await using var silos = new SilosUnderTest([() => ServerProcess.StartAsync(data.Path, "--Logging:LogLevel:Default", "None")]);
        await silos.StartAllAsync();
        await using var fleet = new ClientFleet(silos, ChaosSettings.Seed);
        await fleet.CreateAsync(shards: 4);
        fleet.Start();
        await fleet.Model.MoreAsync(300);
        await fleet.StopAsync();

        for (var round = 0; round < 3; round++)
        {
            var ballast = disk.Fill();
            fleet.Start();
            var attempt = 0;
            await Assertions.UntilAsync(
                "A write refused because the disk is full",
                TimeSpan.FromSeconds(20),
                async () => await fleet.TryPutAsync($"full-{round}-{attempt++}", TimeSpan.FromSeconds(10)) == ErrorCodes.StorageUnavailable,
                () => fleet.Codes);
            var (found, code) = await fleet.TrySearchAsync(5000);
            Assert.True(found is not null, $"A search on a full disk: {code}.");
            Assert.Equal((4, 4), (found.ShardsAsked, found.ShardsAnswered));

            File.Delete(ballast);
            await fleet.Model.MoreAsync(100);
            await fleet.StopAsync();
        }

        await silos.KillAsync(0);
        await silos.StartAsync(0);
        await fleet.EndsWellAsync("disk of 20 MB filled three times, then kill -9");
    }
}
