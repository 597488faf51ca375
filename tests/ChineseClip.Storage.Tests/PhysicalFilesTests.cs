using ChineseClip.Storage.Files;

namespace ChineseClip.Storage.Tests;

/// <summary>On the real file system.</summary>
public sealed class PhysicalFilesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("chineseclip-storage-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Open_TwiceAtOnce_SecondIsToldWhoHoldsIt()
    {
        await using (Open())
        {
            StorageException refusal = Assert.Throws<StorageException>(() => Open());
            Assert.Equal(StorageError.Locked, refusal.Error);
            Assert.Contains($"'{_directory}' is in use by another process", refusal.Message, StringComparison.Ordinal);
        }

        await using FileShardStorage free = Open();
    }

    [Fact]
    public async Task AppendAsync_ManyWriters_AllRecordsAreThereAfterReopening()
    {
        string[][] expected = new string[8][];
        await using (FileShardStorage storage = Open(segmentBytes: 64 << 10))
        {
            IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
            await Parallel.ForEachAsync(Enumerable.Range(0, 8), Logs.Token, async (writer, _) =>
            {
                expected[writer] = [.. Enumerable.Range(0, 100).Select(i => $"{writer}:{i} " + new string('x', 200))];
                foreach (string text in expected[writer])
                {
                    await log.AppendAsync(text);
                }
            });
            Assert.Equal(800, log.LastLsn);
        }

        await using FileShardStorage reopened = Open(segmentBytes: 64 << 10);
        IShardLog again = await reopened.OpenLogAsync(Logs.Shard, Logs.Token);
        List<string> found = await again.ReadTextsAsync();
        for (int writer = 0; writer < 8; writer++)
        {
            Assert.Equal(expected[writer], found.Where(text => text.StartsWith($"{writer}:", StringComparison.Ordinal)));
        }

        await again.TruncateAsync(700, Logs.Token);
        await reopened.DeleteShardAsync(Logs.Shard, Logs.Token);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_directory, "shards")));
    }

    [Fact]
    public async Task OpenLogAsync_LeftoverTemporaries_AreRemoved()
    {
        await using (FileShardStorage storage = Open())
        {
            await (await storage.OpenLogAsync("demo/0", Logs.Token)).AppendAsync("kept");
        }

        string[] leftovers =
        [
            Path.Combine(_directory, "documents", "a.doc.tmp"),
            Path.Combine(_directory, "shards", "demo@0", "00000000000000000002.log.tmp"),
            Path.Combine(_directory, "shards", "old@0.deleted", "00000000000000000001.log"),
        ];
        foreach (string path in leftovers)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, "half", Logs.Token);
        }

        await using FileShardStorage reopened = Open();
        IShardLog log = await reopened.OpenLogAsync("demo/0", Logs.Token);
        Assert.Equal(["kept"], await log.ReadTextsAsync());
        Assert.DoesNotContain(leftovers, File.Exists);
    }

    /// <summary>Format 1, written on 2026-11-23: it must open for ever.</summary>
    [Fact]
    public async Task Open_SampleOfFormat1_StillReads()
    {
        string sample = Path.Combine(AppContext.BaseDirectory, "Samples", "format-1");
        foreach (string path in Directory.EnumerateFiles(sample, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(_directory, Path.GetRelativePath(sample, path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }

        await using FileShardStorage storage = Open();
        IShardLog log = await storage.OpenLogAsync("sample/0", Logs.Token);
        Assert.Equal(["红色的鱼", "夜晚的月亮", "third"], await log.ReadTextsAsync());
        Assert.Equal(2, log.Epoch);
        StoredDocument? document = await storage.Documents.ReadAsync("collections/sample", Logs.Token);
        Assert.Equal((1L, "{\"name\":\"sample\"}"), (document!.Version, System.Text.Encoding.UTF8.GetString(document.Content.Span)));
    }

    [Theory]
    [InlineData(1000, 16, "SegmentBytes is 1000; must be 4096..1073741824.")]
    [InlineData(4096, 0, "MaxRecordBytes is 0; must be 1..268435456.")]
    public void Open_OptionOutsideItsRange_IsRefused(long segmentBytes, int maxRecordBytes, string message)
    {
        FileStorageOptions options = new() { Directory = _directory, SegmentBytes = segmentBytes, MaxRecordBytes = maxRecordBytes };
        ArgumentOutOfRangeException refusal = Assert.Throws<ArgumentOutOfRangeException>(() => FileShardStorage.Open(options));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    private FileShardStorage Open(long segmentBytes = 64 << 20) =>
        FileShardStorage.Open(new FileStorageOptions { Directory = _directory, SegmentBytes = segmentBytes });
}
