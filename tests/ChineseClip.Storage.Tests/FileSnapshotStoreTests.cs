using ChineseClip.Storage.Files;

namespace ChineseClip.Storage.Tests;

/// <summary>What is particular to snapshots in directories.</summary>
public sealed class FileSnapshotStoreTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("chineseclip-snapshots-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task PublishAsync_HardLinkedFile_OutlivesTheSnapshotItCameFrom()
    {
        await using FileShardStorage storage = Open();
        IShardLog log = await storage.OpenLogAsync("demo/0", Logs.Token);
        SnapshotDescription first = await Snapshots.PublishAsync(storage, log, 0, ("codes/0.bin", new string('x', 100_000)), ("ids", "a"));
        using OpenedSnapshot opened = await storage.Snapshots.OpenAsync("demo/0", first.Id, Logs.Token);

        string work = storage.Snapshots.CreateWorkDirectory("demo/0");
        Directory.CreateDirectory(Path.Combine(work, "codes"));
        Assert.True(HardLink.TryCreate(Path.Combine(opened.Directory, "codes", "0.bin"), Path.Combine(work, "codes", "0.bin")));
        await File.WriteAllTextAsync(Path.Combine(work, "ids"), "ab", Logs.Token);
        SnapshotDescription second = await storage.Snapshots.PublishAsync(
            "demo/0", log.Epoch, 1, work, new Dictionary<string, string>(), Logs.Token);

        await storage.Snapshots.DeleteAsync("demo/0", first.Id, Logs.Token);
        using OpenedSnapshot next = await storage.Snapshots.OpenAsync("demo/0", second.Id, Logs.Token);
        await next.VerifyAsync(string.Empty, Logs.Token);
        Assert.Equal((100_001L, 100_002L), (first.Bytes, second.Bytes));
        Assert.Equal("a", await File.ReadAllTextAsync(Path.Combine(opened.Directory, "ids"), Logs.Token));
    }

    [Fact]
    public async Task Open_LeftoversOfAKilledProcess_AreRemoved()
    {
        string work;
        SnapshotDescription kept;
        string deleted;
        await using (FileShardStorage storage = Open())
        {
            IShardLog log = await storage.OpenLogAsync("demo/0", Logs.Token);
            SnapshotDescription doomed = await Snapshots.PublishAsync(storage, log, 0, ("ids", "old"));
            kept = await Snapshots.PublishAsync(storage, log, 0, ("ids", "new"));
            OpenedSnapshot neverReleased = await storage.Snapshots.OpenAsync("demo/0", doomed.Id, Logs.Token);
            deleted = neverReleased.Directory;
            await storage.Snapshots.DeleteAsync("demo/0", doomed.Id, Logs.Token);
            work = storage.Snapshots.CreateWorkDirectory("demo/0");
            await File.WriteAllTextAsync(Path.Combine(work, "half"), "half", Logs.Token);
        }

        Assert.True(Directory.Exists(deleted));
        await using FileShardStorage reopened = Open();
        Assert.False(Directory.Exists(work));
        Assert.False(Directory.Exists(deleted));
        Assert.Equal([kept.Id], (await reopened.Snapshots.ListAsync("demo/0", Logs.Token)).Select(snapshot => snapshot.Id));
    }

    [Fact]
    public async Task Open_SnapshotDirectoryElsewhere_IsUsedAndLocked()
    {
        FileStorageOptions options = new()
        {
            Directory = Path.Combine(_directory, "data"),
            SnapshotDirectory = Path.Combine(_directory, "volume"),
        };
        await using FileShardStorage storage = FileShardStorage.Open(options);
        IShardLog log = await storage.OpenLogAsync("demo/0", Logs.Token);
        SnapshotDescription snapshot = await Snapshots.PublishAsync(storage, log, 0, ("ids", "a"));
        Assert.True(File.Exists(Path.Combine(_directory, "volume", "demo@0", snapshot.Id, "ids")));

        StorageException refusal = Assert.Throws<StorageException>(
            () => FileShardStorage.Open(options with { Directory = Path.Combine(_directory, "other") }));
        Assert.Equal(StorageError.Locked, refusal.Error);
        Assert.Contains(options.SnapshotDirectory, refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A shard whose removal was cut short keeps no snapshot for the next shard of its name.</summary>
    [Fact]
    public async Task Open_DeletionCutShort_RemovesTheSnapshotsToo()
    {
        await using (FileShardStorage storage = Open())
        {
            await Snapshots.PublishAsync(storage, await storage.OpenLogAsync("demo/0", Logs.Token), 0, ("ids", "a"));
        }

        Directory.Move(Path.Combine(_directory, "shards", "demo@0"), Path.Combine(_directory, "shards", "demo@0.deleted"));
        await using FileShardStorage reopened = Open();
        Assert.Empty(await reopened.Snapshots.ListAsync("demo/0", Logs.Token));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(_directory, "snapshots")));
    }

    private FileShardStorage Open() => FileShardStorage.Open(new FileStorageOptions { Directory = _directory });
}
