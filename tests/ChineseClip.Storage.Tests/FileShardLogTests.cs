using ChineseClip.Storage.Files;

namespace ChineseClip.Storage.Tests;

public sealed class FileShardLogTests
{
    [Fact]
    public async Task AppendAsync_Reopened_GivesTheRecordsInOrder()
    {
        FaultyFileSystem files = new();
        await using (FileShardStorage storage = Logs.Open(files))
        {
            IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
            Assert.Equal((0, 1, 1), (log.LastLsn, log.FirstLsn, log.Epoch));
            Assert.Equal(2, await log.AppendAsync("红色的鱼", string.Empty));
            Assert.Equal(3, await log.AppendAsync("夜晚的月亮"));
        }

        await using FileShardStorage reopened = Logs.Open(files);
        IShardLog again = await reopened.OpenLogAsync(Logs.Shard, Logs.Token);
        Assert.Equal((3, 1, 2), (again.LastLsn, again.FirstLsn, again.Epoch));
        Assert.Equal(["红色的鱼", string.Empty, "夜晚的月亮"], await again.ReadTextsAsync());
        Assert.Equal(["夜晚的月亮"], await again.ReadTextsAsync(afterLsn: 2));
        Assert.Empty(await again.ReadTextsAsync(afterLsn: 3));
    }

    [Fact]
    public async Task AppendAsync_ManyAtOnce_ShareOneSyncAndKeepTheirOrder()
    {
        FaultyFileSystem files = new();
        await using FileShardStorage storage = Logs.Open(files);
        IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
        using ManualResetEventSlim firstSyncMayEnd = new();
        TaskCompletionSource firstSyncBegan = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int syncs = 0;
        files.Fault = (operation, _) =>
        {
            if (operation == FileOperation.Sync && Interlocked.Increment(ref syncs) == 1)
            {
                firstSyncBegan.SetResult();
                firstSyncMayEnd.Wait(Logs.Token);
            }

            return null;
        };

        Task<long> first = log.AppendAsync("0");
        await firstSyncBegan.Task;
        Assert.Equal(0, log.LastLsn);
        Task<long>[] others = [.. Enumerable.Range(1, 50).Select(i => log.AppendAsync($"{i}", $"{i}b"))];
        Assert.DoesNotContain(others, task => task.IsCompleted);
        firstSyncMayEnd.Set();

        Assert.Equal(1, await first);
        Assert.Equal(Enumerable.Range(1, 50).Select(i => 1L + (2 * i)), await Task.WhenAll(others));
        Assert.Equal(2, syncs);
        Assert.Equal(
            ["0", .. Enumerable.Range(1, 50).SelectMany(i => new[] { $"{i}", $"{i}b" })], await log.ReadTextsAsync());
    }

    [Fact]
    public async Task AppendAsync_CancelledWhileWaiting_IsNotWritten()
    {
        FaultyFileSystem files = new();
        await using FileShardStorage storage = Logs.Open(files);
        IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
        using ManualResetEventSlim syncMayEnd = new();
        TaskCompletionSource syncBegan = new(TaskCreationOptions.RunContinuationsAsynchronously);
        files.Fault = (operation, _) =>
        {
            if (operation == FileOperation.Sync)
            {
                syncBegan.TrySetResult();
                syncMayEnd.Wait(Logs.Token);
            }

            return null;
        };
        using CancellationTokenSource cancellation = new();
        Task<long> first = log.AppendAsync("first");
        await syncBegan.Task;
        Task<long> cancelled = log.AppendAsync([Logs.Body("cancelled")], cancellation.Token);
        Task<long> last = log.AppendAsync("last");
        await cancellation.CancelAsync();
        syncMayEnd.Set();

        Assert.Equal(1, await first);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(2, await last);
        Assert.Equal(["first", "last"], await log.ReadTextsAsync());
        files.Fault = null;
    }

    [Fact]
    public async Task AppendAsync_TooMuchWaiting_IsOverloadedAndTheRestIsWritten()
    {
        FaultyFileSystem files = new();
        await using FileShardStorage storage = FileShardStorage.Open(
            new FileStorageOptions { Directory = Logs.Root, MaxRecordBytes = 1000, MaxPendingBytes = 2000 }, files);
        IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
        using ManualResetEventSlim syncMayEnd = new();
        files.Fault = (operation, _) =>
        {
            if (operation == FileOperation.Sync)
            {
                syncMayEnd.Wait(Logs.Token);
            }

            return null;
        };
        string long900 = new('x', 900);
        List<Task<long>> accepted = [];
        StorageException? refused = null;
        while (refused is null)
        {
            try
            {
                accepted.Add(log.AppendAsync(long900));
            }
            catch (StorageException exception)
            {
                refused = exception;
            }
        }

        Assert.Equal(StorageError.Overloaded, refused.Error);
        Assert.InRange(accepted.Count, 2, 4);
        syncMayEnd.Set();
        await Task.WhenAll(accepted);
        Assert.Equal(accepted.Count, log.LastLsn);
        files.Fault = null;
    }

    [Fact]
    public async Task OpenLogAsync_Again_FencesTheOlderHandle()
    {
        FaultyFileSystem files = new();
        await using FileShardStorage storage = Logs.Open(files);
        IShardLog older = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
        await older.AppendAsync("by the older");
        IShardLog newer = await storage.OpenLogAsync(Logs.Shard, Logs.Token);

        StorageException refusal = await Assert.ThrowsAsync<StorageException>(() => older.AppendAsync("too late"));

        Assert.Equal(StorageError.Fenced, refusal.Error);
        Assert.Equal(2, newer.Epoch);
        Assert.Equal(2, await newer.AppendAsync("by the newer"));
        Assert.Equal(["by the older", "by the newer"], await newer.ReadTextsAsync());
        Assert.Equal(["by the older"], await older.ReadTextsAsync());
    }

    [Fact]
    public async Task AppendAsync_FullSegments_RollAndReadAsOneLog()
    {
        FaultyFileSystem files = new();
        string[] texts = [.. Enumerable.Range(0, 100).Select(i => new string('x', 500) + i)];
        await using (FileShardStorage storage = Logs.Open(files, segmentBytes: 4096))
        {
            IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
            foreach (string text in texts)
            {
                await log.AppendAsync(text);
            }

            Assert.Equal(texts, await log.ReadTextsAsync());
        }

        Assert.InRange(files.ListFiles(Logs.ShardDirectory).Count, 10, 20);
        await using FileShardStorage reopened = Logs.Open(files, segmentBytes: 4096);
        IShardLog again = await reopened.OpenLogAsync(Logs.Shard, Logs.Token);
        for (int after = 0; after <= texts.Length; after++)
        {
            Assert.Equal(texts[after..], await again.ReadTextsAsync(after));
        }
    }

    [Fact]
    public async Task TruncateAsync_FreesWholeSegmentsAndKeepsTheRest()
    {
        FaultyFileSystem files = new();
        await using FileShardStorage storage = Logs.Open(files, segmentBytes: 4096);
        IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
        string[] texts = [.. Enumerable.Range(0, 50).Select(i => new string('x', 500) + i)];
        foreach (string text in texts)
        {
            await log.AppendAsync(text);
        }

        int before = files.ListFiles(Logs.ShardDirectory).Count;
        await log.TruncateAsync(20, Logs.Token);

        Assert.InRange(log.FirstLsn, 12, 21);
        Assert.True(files.ListFiles(Logs.ShardDirectory).Count < before);
        Assert.Equal(texts[20..], await log.ReadTextsAsync(20));
        StorageException gone = await Assert.ThrowsAsync<StorageException>(() => log.ReadTextsAsync(3));
        Assert.Contains("truncated", gone.Message, StringComparison.Ordinal);

        files.Crash();
        await using FileShardStorage reopened = Logs.Open(files, segmentBytes: 4096);
        IShardLog again = await reopened.OpenLogAsync(Logs.Shard, Logs.Token);
        Assert.Equal(log.FirstLsn, again.FirstLsn);
        Assert.Equal(51, await again.AppendAsync("next"));
        Assert.Equal([.. texts[20..], "next"], await again.ReadTextsAsync(20));
    }

    [Fact]
    public async Task AppendAsync_BodyTooLong_NamesTheBodyAndTheBound()
    {
        FaultyFileSystem files = new();
        await using FileShardStorage storage = FileShardStorage.Open(
            new FileStorageOptions { Directory = Logs.Root, MaxRecordBytes = 10 }, files);
        IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);

        ArgumentException refusal = await Assert.ThrowsAsync<ArgumentException>(() => log.AppendAsync("short", "eleven bytes"));

        Assert.Contains("Body 1 has 12 bytes; a record holds at most 10.", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => log.AppendAsync());
        Assert.Equal(0, log.LastLsn);
    }

    [Fact]
    public async Task DeleteShardAsync_FencesTheHandleAndForgetsTheRecords()
    {
        FaultyFileSystem files = new();
        await using FileShardStorage storage = Logs.Open(files);
        IShardLog log = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
        await log.AppendAsync("gone");

        await storage.DeleteShardAsync(Logs.Shard, Logs.Token);
        await storage.DeleteShardAsync("never there", Logs.Token);

        Assert.Equal(StorageError.Fenced, (await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync("x"))).Error);
        IShardLog anew = await storage.OpenLogAsync(Logs.Shard, Logs.Token);
        Assert.Equal(0, anew.LastLsn);
        Assert.Empty(await anew.ReadTextsAsync());
    }
}
