using System.Collections.Concurrent;

namespace ChineseClip.Storage.Tests.Kills;

/// <summary>A real process is killed at each named point; what it leaves holds every acknowledged write and nothing else.</summary>
public sealed class KillPointTests : IDisposable
{
    private const int Parallel = 4;

    /// <summary>In memory where that is possible: what a killed process wrote is there either way, and thousands of flushes cost nothing.</summary>
    private readonly string _directory = Directory.Exists("/dev/shm")
        ? Directory.CreateDirectory($"/dev/shm/chineseclip-kills-{Guid.NewGuid():N}").FullName
        : Directory.CreateTempSubdirectory("chineseclip-kills-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>Each point once, at a seeded pass; with CHINESECLIP_EVERY_KILL set, at its first, its middle and its last.</summary>
    /// <remarks>One life follows the other over the same few directories, so that each also starts from what a killed one left.</remarks>
    [Fact]
    public async Task KilledAtEveryPoint_KeepsWhatWasAcknowledged()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Killing oneself needs SIGKILL.");
        Witness whole = new(Path.Combine(_directory, "whole"));
        Assert.False(await whole.RunAsync("whole", "none", 0));
        await whole.CheckAsync("whole");
        foreach (string required in RequiredPoints())
        {
            Assert.True(whole.Points.ContainsKey(required), $"The victim never passes {required}: {string.Join(' ', whole.Points.Keys.Order())}");
        }

        const int Seed = 20261124;
        Random random = new(Seed);
        bool isLong = Environment.GetEnvironmentVariable("CHINESECLIP_EVERY_KILL") is { Length: > 0 };
        (string Point, int Pass)[] kills =
        [
            .. whole.Points.OrderBy(point => point.Key, StringComparer.Ordinal)
                .SelectMany(point => isLong ? new[] { 1, (point.Value + 1) / 2, point.Value }.Distinct() : [random.Next(1, point.Value + 1)],
                    (point, pass) => (point.Key, pass)),
        ];
        ConcurrentBag<string> notReached = [];
        await System.Threading.Tasks.Parallel.ForEachAsync(Enumerable.Range(0, Parallel), Logs.Token, async (lane, _) =>
        {
            Witness witness = new(Path.Combine(_directory, $"lane-{lane}"));
            for (int i = lane; i < kills.Length; i += Parallel)
            {
                (string point, int pass) = kills[i];
                if (!await witness.RunAsync($"life{i}", point, pass))
                {
                    notReached.Add($"{point} pass {pass}");
                }

                await witness.CheckAsync($"{point} pass {pass}");
            }
        });

        // What happens once in the life of a directory is not passed again by a later life: those get a directory of their own.
        foreach (string missed in notReached)
        {
            Witness witness = new(Path.Combine(_directory, missed.Replace(' ', '-')));
            string[] words = missed.Split(' ');
            Assert.True(
                await witness.RunAsync("alone", words[0], int.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture)),
                $"{missed} was not reached.");
            await witness.CheckAsync(missed);
        }
    }

    private static IEnumerable<string> RequiredPoints()
    {
        string[] operations =
        [
            "write-segment", "sync-segment", "create-segment", "rename-segment", "sync-directory-shard", "delete-segment", "write-lease",
            "sync-lease", "rename-lease", "write-watermark", "write-document", "sync-document", "rename-document", "delete-document",
            "sync-directory-documents", "sync-snapshot-file", "write-manifest", "sync-manifest", "rename-manifest", "rename-directory-snapshot",
            "sync-directory-snapshots-of-shard", "rename-deletion-mark", "rename-directory-deleted", "delete-directory-deleted",
            "acknowledge-append", "acknowledge-document", "acknowledge-publish", "acknowledge-truncate", "acknowledge-unpublish", "acknowledge-delete-shard",
        ];
        return operations.SelectMany(operation => new[] { $"before-{operation}", $"after-{operation}" });
    }
}
