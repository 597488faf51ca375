using ChineseClip.Storage.Files;

namespace ChineseClip.Storage.Tests;

/// <summary>The contract, kept by files on the real file system.</summary>
public sealed class FileStorageConformanceTests : StorageConformance
{
    private readonly string _directory = Directory.CreateTempSubdirectory("chineseclip-conformance-").FullName;

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private protected override bool IsShared => false;

    private protected override Task<IShardStorage> OpenAsync() => Task.FromResult<IShardStorage>(
        FileShardStorage.Open(new FileStorageOptions { Directory = _directory, SegmentBytes = 4096 }));

    private protected override Task DamageRecordAsync(string shardKey, string bodyOfRecord)
    {
        byte[] wanted = System.Text.Encoding.UTF8.GetBytes(bodyOfRecord);
        string segment = Directory.GetFiles(_directory, "*.log", SearchOption.AllDirectories)
            .Single(path => File.ReadAllBytes(path).AsSpan().IndexOf(wanted) >= 0);
        FlipByte(segment, File.ReadAllBytes(segment).AsSpan().IndexOf(wanted));
        return Task.CompletedTask;
    }

    private protected override Task DamageSnapshotAsync(OpenedSnapshot snapshot, string file)
    {
        FlipByte(Path.Combine(snapshot.Directory, file), 3);
        return Task.CompletedTask;
    }

    private protected override Task DamageManifestAsync(string shardKey, string snapshotId)
    {
        FlipByte(Path.Combine(_directory, "snapshots", StoredName.ToFileName(shardKey, "shard"), snapshotId, "SNAPSHOT"), 60);
        return Task.CompletedTask;
    }

    private static void FlipByte(string path, int offset)
    {
        byte[] content = File.ReadAllBytes(path);
        content[offset] ^= 1;
        File.WriteAllBytes(path, content);
    }
}
