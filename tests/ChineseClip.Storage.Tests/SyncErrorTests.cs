using ChineseClip.Storage.Files;

namespace ChineseClip.Storage.Tests;

/// <summary>The medium fails at each kind of operation, each time it occurs: refused as Unavailable, nothing acknowledged is lost, and it goes on after.</summary>
public sealed class SyncErrorTests
{
    [Fact]
    public async Task EveryOperationFailingOnce_IsRefusedAndNothingAcknowledgedIsLost()
    {
        HashSet<FileOperation> failed = [];
        for (int failing = 1; ; failing++)
        {
            FaultyFileSystem files = new();
            await using FileShardStorageScope scope = new(files);
            IShardLog log = await scope.Storage.OpenLogAsync(Logs.Shard, Logs.Token);
            int operations = 0;
            int fatal = failing;
            files.Fault = (operation, path) =>
            {
                if (Interlocked.Increment(ref operations) != fatal)
                {
                    return null;
                }

                _ = failed.Add(operation);
                return new IOException($"Input/output error at {operation} of {path}");
            };
            List<string> acknowledged = [];
            List<string> published = [];
            int refusals = 0;
            for (int i = 0; i < 30; i++)
            {
                try
                {
                    await log.AppendAsync($"{i} {new string('x', 300)}");
                    acknowledged.Add($"{i}");
                    if (i % 10 == 9)
                    {
                        published.Add(await PublishAsync(files, scope.Storage, log));
                        await scope.Storage.Documents.WriteAsync("collections/demo", Logs.Body($"{i}"), null, Logs.Token);
                        await log.TruncateAsync(log.LastLsn - 5, Logs.Token);
                    }
                }
                catch (StorageException exception) when (exception.Error == StorageError.Unavailable)
                {
                    refusals++;
                    List<string> readable = await IdsAsync(log);
                    Assert.Equal(acknowledged[^Math.Min(readable.Count, acknowledged.Count)..], readable); // reads go on
                    log = await ReopenAsync(scope.Storage);
                }
            }

            files.Fault = null;
            List<string> found = await IdsAsync(log);
            Assert.Empty(found.Except(Enumerable.Range(0, 30).Select(i => $"{i}")));
            Assert.Equal(acknowledged[^5..], acknowledged.Intersect(found).TakeLast(5));
            Assert.InRange(refusals, 0, 2);
            files.Crash();
            await using FileShardStorageScope after = new(files);
            IShardLog recovered = await after.Storage.OpenLogAsync(Logs.Shard, Logs.Token);
            Assert.Equal(found, await IdsAsync(recovered));
            IReadOnlyList<SnapshotDescription> snapshots = await after.Storage.Snapshots.ListAsync(Logs.Shard, Logs.Token);
            Assert.Empty(published.Except(snapshots.Select(snapshot => snapshot.Id)));
            if (operations < fatal)
            {
                break;
            }
        }

        FileOperation[] expected =
            [FileOperation.Write, FileOperation.Sync, FileOperation.Move, FileOperation.SyncDirectory, FileOperation.OpenForWrite, FileOperation.Delete];
        Assert.Empty(expected.Except(failed));
    }

    private static async Task<IShardLog> ReopenAsync(FileShardStorage storage)
    {
        try
        {
            return await storage.OpenLogAsync(Logs.Shard, Logs.Token);
        }
        catch (StorageException exception) when (exception.Error == StorageError.Unavailable)
        {
            return await storage.OpenLogAsync(Logs.Shard, Logs.Token); // the fault came just then
        }
    }

    private static async Task<string> PublishAsync(FaultyFileSystem files, FileShardStorage storage, IShardLog log)
    {
        string work = storage.Snapshots.CreateWorkDirectory(log.ShardKey);
        try
        {
            using IStorageFile file = files.Open(Path.Combine(work, "ids"), FileOpening.Create);
            file.Write(0, Logs.Body($"{log.LastLsn}").Span);
        }
        catch (IOException exception)
        {
            throw new StorageException(StorageError.Unavailable, exception.Message); // the writer of the index met the fault
        }

        SnapshotDescription snapshot = await storage.Snapshots.PublishAsync(
            log.ShardKey, log.Epoch, log.LastLsn, work, new Dictionary<string, string>(), Logs.Token);
        return snapshot.Id;
    }

    private static async Task<List<string>> IdsAsync(IShardLog log) =>
        [.. (await log.ReadTextsAsync(log.FirstLsn - 1)).Select(text => text.Split(' ')[0])];
}
