using System.Text;

namespace ChineseClip.Storage.Tests;

/// <summary>The storage contract, statement by statement: see the note in IShardStorage.cs. Every implementation passes it.</summary>
public abstract class StorageConformance : IAsyncLifetime
{
    private readonly List<IShardStorage> _opened = [];

    /// <summary>An LSN of the log that is not a multiple of anything.</summary>
    private const int Records = 57;

    /// <summary>Unique to each test.</summary>
    private string Shard { get; } = $"演示-{Guid.NewGuid():N}/3";

    public abstract ValueTask InitializeAsync();

    public virtual async ValueTask DisposeAsync()
    {
        foreach (IShardStorage storage in _opened)
        {
            await storage.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Opens the same storage, after a restart of the process as far as it can tell.</summary>
    private protected abstract Task<IShardStorage> OpenAsync();

    /// <summary>Whether two processes may have it open at the same time.</summary>
    private protected abstract bool IsShared { get; }

    /// <summary>Changes one byte of the body of a record, behind the storage's back.</summary>
    private protected abstract Task DamageRecordAsync(string shardKey, string bodyOfRecord);

    /// <summary>Changes one byte of what is stored of a snapshot's file, behind the storage's back.</summary>
    private protected abstract Task DamageSnapshotAsync(OpenedSnapshot snapshot, string file);

    /// <summary>Changes one byte of a snapshot's description.</summary>
    private protected abstract Task DamageManifestAsync(string shardKey, string snapshotId);

    private async Task<IShardStorage> StartAsync()
    {
        IShardStorage storage = await OpenAsync();
        _opened.Add(storage);
        return storage;
    }

    private async Task<IShardStorage> RestartAsync(IShardStorage storage)
    {
        await storage.DisposeAsync();
        return await StartAsync();
    }

    [Fact]
    public async Task OpenLogAsync_NewShard_IsEmptyAtEpoch1()
    {
        IShardStorage storage = await StartAsync();
        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        Assert.Equal((Shard, 0L, 1L, 1L), (log.ShardKey, log.LastLsn, log.FirstLsn, log.Epoch));
        Assert.Empty(await log.ReadTextsAsync());
    }

    [Fact]
    public async Task AppendAsync_Acknowledged_IsThereAfterAnyReopening()
    {
        IShardStorage storage = await StartAsync();
        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        Assert.Equal(2, await log.AppendAsync("红色的鱼", string.Empty));
        Assert.Equal(3, await log.AppendAsync("夜晚的月亮"));
        Assert.Equal(3, log.LastLsn);

        storage = await RestartAsync(storage);
        IShardLog again = await storage.OpenLogAsync(Shard, Logs.Token);
        Assert.Equal((3L, 1L, 2L), (again.LastLsn, again.FirstLsn, again.Epoch));
        Assert.Equal(["红色的鱼", string.Empty, "夜晚的月亮"], await again.ReadTextsAsync());
        Assert.Equal(["夜晚的月亮"], await again.ReadTextsAsync(afterLsn: 2));
        Assert.Empty(await again.ReadTextsAsync(afterLsn: 3));
        Assert.Equal(4, await again.AppendAsync("next"));
    }

    /// <summary>Small groups and large ones take different ways in PostgreSQL.</summary>
    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 3_000_000)]
    [InlineData(64, 100)]
    [InlineData(65, 100)]
    [InlineData(2500, 30)]
    [InlineData(40, 300_000)]
    public async Task AppendAsync_AnySizeAndCount_IsReadBackByteForByte(int count, int bytes)
    {
        IShardStorage storage = await StartAsync();
        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        Random random = new(count + bytes);
        ReadOnlyMemory<byte>[] bodies = [.. Enumerable.Range(0, count).Select(_ =>
        {
            byte[] body = new byte[bytes];
            random.NextBytes(body);
            return (ReadOnlyMemory<byte>)body;
        })];

        Assert.Equal(count, await log.AppendAsync(bodies, Logs.Token));
        Assert.Equal(count + 1, await log.AppendAsync("after"));

        int i = 0;
        await foreach (LogRecord record in log.ReadAsync(0, Logs.Token))
        {
            Assert.Equal(i + 1, record.Lsn);
            Assert.True(i == count ? record.Body.Span.SequenceEqual("after"u8) : record.Body.Span.SequenceEqual(bodies[i].Span), $"Record {i + 1}.");
            i++;
        }

        Assert.Equal(count + 1, i);
    }

    [Fact]
    public async Task AppendAsync_ConcurrentCalls_GetLsnsInTheOrderOfTheCalls()
    {
        IShardStorage storage = await StartAsync();
        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        Task<long>[] calls = [.. Enumerable.Range(0, 200).Select(i => log.AppendAsync($"{i}a", $"{i}b"))];

        long[] lsns = await Task.WhenAll(calls);

        Assert.Equal(Enumerable.Range(1, 200).Select(i => 2L * i), lsns);
        Assert.Equal(Enumerable.Range(0, 200).SelectMany(i => new[] { $"{i}a", $"{i}b" }), await log.ReadTextsAsync());
    }

    [Fact]
    public async Task AppendAsync_FromManyThreads_KeepsEveryWritersOrder()
    {
        IShardStorage storage = await StartAsync();
        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        await Parallel.ForEachAsync(Enumerable.Range(0, 8), Logs.Token, async (writer, _) =>
        {
            long last = 0;
            for (int i = 0; i < 25; i++)
            {
                long lsn = await log.AppendAsync($"{writer}:{i}");
                Assert.True(lsn > last);
                last = lsn;
            }
        });

        List<string> found = await log.ReadTextsAsync();
        for (int writer = 0; writer < 8; writer++)
        {
            Assert.Equal(
                Enumerable.Range(0, 25).Select(i => $"{writer}:{i}"),
                found.Where(text => text.StartsWith($"{writer}:", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task AppendAsync_CancelledBefore_IsNotWritten()
    {
        IShardStorage storage = await StartAsync();
        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => log.AppendAsync([Logs.Body("x")], new CancellationToken(canceled: true)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => log.AppendAsync());
        Assert.Equal(1, await log.AppendAsync("first"));
    }

    [Fact]
    public async Task OpenLogAsync_Again_FencesTheOlderHandle()
    {
        IShardStorage storage = await StartAsync();
        IShardLog older = await storage.OpenLogAsync(Shard, Logs.Token);
        await older.AppendAsync("by the older");
        IShardStorage other = IsShared ? await StartAsync() : storage;
        IShardLog newer = await other.OpenLogAsync(Shard, Logs.Token);

        await AssertFencedAsync(() => older.AppendAsync("too late"));
        await AssertFencedAsync(() => older.AppendAsync([.. Enumerable.Repeat(Logs.Body("too late, and many"), 100)], Logs.Token));
        await AssertFencedAsync(() => older.TruncateAsync(1, Logs.Token));
        string work = await Snapshots.WriteAsync(storage, Shard, ("ids", "stale"));
        await AssertFencedAsync(
            () => storage.Snapshots.PublishAsync(Shard, older.Epoch, 1, work, new Dictionary<string, string>(), Logs.Token));

        Assert.False(Directory.Exists(work));
        Assert.Empty(await storage.Snapshots.ListAsync(Shard, Logs.Token));
        Assert.Equal(2, newer.Epoch);
        Assert.Equal(2, await newer.AppendAsync("by the newer"));
        Assert.Equal(["by the older", "by the newer"], await newer.ReadTextsAsync());
        Assert.Equal(["by the older"], await older.ReadTextsAsync());
    }

    /// <summary>Whoever opens last wins, and nothing acknowledged by anyone is missing from the one log.</summary>
    [Fact]
    public async Task ManyHoldersInARow_AgreeOnOneLog()
    {
        IShardStorage[] storages = IsShared ? [await StartAsync(), await StartAsync(), await StartAsync()] : [await StartAsync()];
        List<string>[] acknowledged = [.. Enumerable.Range(0, 6).Select(_ => new List<string>())];
        await Parallel.ForEachAsync(Enumerable.Range(0, 6), Logs.Token, async (holder, _) =>
        {
            IShardLog log = await storages[holder % storages.Length].OpenLogAsync(Shard, Logs.Token);
            for (int i = 0; i < 40; i++)
            {
                try
                {
                    string text = $"{holder}:{i} at epoch {log.Epoch}";
                    await log.AppendAsync(text);
                    acknowledged[holder].Add(text);
                }
                catch (StorageException exception) when (exception.Error == StorageError.Fenced)
                {
                    return;
                }
            }
        });

        IShardLog last = await storages[0].OpenLogAsync(Shard, Logs.Token);
        List<string> found = await last.ReadTextsAsync();
        Assert.Equal(acknowledged.SelectMany(texts => texts).Order(), found.Order());
        Assert.Equal(7, last.Epoch);
        long[] epochs = [.. found.Select(text => long.Parse(text[(text.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(epochs.Order(), epochs);
    }

    [Fact]
    public async Task TruncateAsync_KeepsWhatIsNeeded()
    {
        IShardStorage storage = await StartAsync();
        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        string[] texts = [.. Enumerable.Range(1, Records).Select(i => $"{i} {new string('x', 500)}")];
        foreach (string text in texts)
        {
            await log.AppendAsync(text);
        }

        await log.TruncateAsync(40, Logs.Token);

        Assert.InRange(log.FirstLsn, 2, 41);
        Assert.Equal(texts[40..], await log.ReadTextsAsync(40));
        StorageException gone = await Assert.ThrowsAsync<StorageException>(() => log.ReadTextsAsync(0));
        Assert.Equal(StorageError.Corrupt, gone.Error);
        Assert.Contains("truncated", gone.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => log.TruncateAsync(Records + 1, Logs.Token));

        storage = await RestartAsync(storage);
        IShardLog again = await storage.OpenLogAsync(Shard, Logs.Token);
        Assert.InRange(again.FirstLsn, 2, 41);
        Assert.Equal(Records + 1, await again.AppendAsync("next"));
        Assert.Equal([.. texts[40..], "next"], await again.ReadTextsAsync(40));
    }

    [Fact]
    public async Task TruncateAsync_All_GoesOnWithTheNextLsn()
    {
        IShardStorage storage = await StartAsync();
        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        await log.AppendAsync("one", "two");
        await log.TruncateAsync(2, Logs.Token);
        storage = await RestartAsync(storage);
        IShardLog again = await storage.OpenLogAsync(Shard, Logs.Token);
        Assert.Equal(2, again.LastLsn);
        Assert.Equal(3, await again.AppendAsync("three"));
        Assert.Equal(["three"], await again.ReadTextsAsync(2));
    }

    [Fact]
    public async Task DeleteShardAsync_FencesAndForgetsEverything()
    {
        IShardStorage storage = await StartAsync();
        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        await log.AppendAsync("gone");
        SnapshotDescription snapshot = await Snapshots.PublishAsync(storage, log, 1, ("ids", "gone"));

        await storage.DeleteShardAsync(Shard, Logs.Token);
        await storage.DeleteShardAsync("never there", Logs.Token);

        await AssertFencedAsync(() => log.AppendAsync("x"));
        Assert.Empty(await storage.Snapshots.ListAsync(Shard, Logs.Token));
        IShardLog anew = await storage.OpenLogAsync(Shard, Logs.Token);
        Assert.Equal((0L, 1L), (anew.LastLsn, anew.Epoch));
        Assert.Empty(await anew.ReadTextsAsync());
        Assert.Empty(await storage.Snapshots.ListAsync(Shard, Logs.Token));
        StorageException missing = await Assert.ThrowsAsync<StorageException>(() => storage.Snapshots.OpenAsync(Shard, snapshot.Id, Logs.Token));
        Assert.Equal(StorageError.NotFound, missing.Error);
        Assert.Equal(1, await anew.AppendAsync("new"));
    }

    [Fact]
    public async Task AppendAsync_AfterClosing_IsRefused()
    {
        IShardStorage storage = await StartAsync();
        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        await log.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => log.AppendAsync("x"));
    }

    [Fact]
    public async Task ReadAsync_DamagedRecord_IsRefusedWithItsPlace()
    {
        IShardStorage storage = await StartAsync();
        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        string body = $"to be damaged {Guid.NewGuid():N}";
        await log.AppendAsync("one");
        await log.AppendAsync(body);
        await log.AppendAsync("three");
        await DamageRecordAsync(Shard, body);

        StorageException refusal = await Assert.ThrowsAsync<StorageException>(() => log.ReadTextsAsync());

        Assert.Equal(StorageError.Corrupt, refusal.Error);
        Assert.False(refusal.IsTransient);
        Assert.NotNull(refusal.Path);
        Assert.NotNull(refusal.Offset);
    }

    [Fact]
    public async Task Documents_ComparedAndSwapped()
    {
        IShardStorage storage = await StartAsync();
        IDocumentStore documents = storage.Documents;
        string name = $"collections/演示-{Guid.NewGuid():N}";

        Assert.Null(await documents.ReadAsync(name, Logs.Token));
        await AssertConflictAsync(() => documents.WriteAsync(name, Logs.Body("x"), 7, Logs.Token));
        await AssertConflictAsync(() => documents.DeleteAsync(name, 7, Logs.Token));
        Assert.False(await documents.DeleteAsync(name, 0, Logs.Token));
        StoredDocument first = await documents.WriteAsync(name, Logs.Body("一"), 0, Logs.Token);
        await AssertConflictAsync(() => documents.WriteAsync(name, Logs.Body("x"), 0, Logs.Token));
        StoredDocument second = await documents.WriteAsync(name, Logs.Body("二"), first.Version, Logs.Token);
        StorageException stale = await AssertConflictAsync(() => documents.DeleteAsync(name, first.Version, Logs.Token));
        await AssertConflictAsync(() => documents.DeleteAsync(name, 0, Logs.Token));
        Assert.Contains($"has version {second.Version}, not the expected {first.Version}", stale.Message, StringComparison.Ordinal);
        StoredDocument third = await documents.WriteAsync(name, Logs.Body("三"), null, Logs.Token);
        Assert.True(first.Version > 0 && second.Version > first.Version && third.Version > second.Version);

        storage = await RestartAsync(storage);
        documents = storage.Documents;
        StoredDocument? read = await documents.ReadAsync(name, Logs.Token);
        Assert.Equal((name, third.Version, "三"), (read!.Name, read.Version, Encoding.UTF8.GetString(read.Content.Span)));
        Assert.True(await documents.DeleteAsync(name, third.Version, Logs.Token));
        Assert.False(await documents.DeleteAsync(name, null, Logs.Token));
        Assert.Null(await documents.ReadAsync(name, Logs.Token));
        StoredDocument again = await documents.WriteAsync(name, ReadOnlyMemory<byte>.Empty, 0, Logs.Token);
        Assert.True(again.Version > third.Version, "A version was given twice.");
        Assert.Equal(0, (await documents.ReadAsync(name, Logs.Token))!.Content.Length);
    }

    [Fact]
    public async Task Documents_ManyWritersOfOne_OneWinsEachVersion()
    {
        IShardStorage[] storages = IsShared ? [await StartAsync(), await StartAsync()] : [await StartAsync()];
        string name = $"counter/{Guid.NewGuid():N}";
        StoredDocument start = await storages[0].Documents.WriteAsync(name, Logs.Body("0"), 0, Logs.Token);
        await Parallel.ForEachAsync(Enumerable.Range(0, 6), Logs.Token, async (writer, token) =>
        {
            IDocumentStore documents = storages[writer % storages.Length].Documents;
            for (int done = 0; done < 10;)
            {
                StoredDocument current = (await documents.ReadAsync(name, token))!;
                int value = int.Parse(Encoding.UTF8.GetString(current.Content.Span), System.Globalization.CultureInfo.InvariantCulture);
                try
                {
                    await documents.WriteAsync(name, Logs.Body($"{value + 1}"), current.Version, token);
                    done++;
                }
                catch (StorageException exception) when (exception.Error == StorageError.Conflict)
                {
                    // Somebody else was faster.
                }
            }
        });

        StoredDocument end = (await storages[0].Documents.ReadAsync(name, Logs.Token))!;
        Assert.Equal("60", Encoding.UTF8.GetString(end.Content.Span));
        Assert.True(end.Version >= start.Version + 60);
    }

    [Fact]
    public async Task Documents_ListedByPrefixInOrdinalOrder()
    {
        IShardStorage storage = await StartAsync();
        string prefix = $"list-{Guid.NewGuid():N}/";
        foreach (string name in new[] { "b", "A", "a%_", "汉字", "\uE000", "😀", "a" })
        {
            await storage.Documents.WriteAsync(prefix + name, Logs.Body(name), 0, Logs.Token);
        }

        await storage.Documents.WriteAsync($"x{prefix}b", Logs.Body("other"), 0, Logs.Token);
        IReadOnlyList<StoredDocument> found = await storage.Documents.ListAsync(prefix, Logs.Token);
        Assert.Equal(["A", "a", "a%_", "b", "汉字", "😀", "\uE000"], found.Select(document => document.Name[prefix.Length..]));
        Assert.All(found, document => Assert.Equal(document.Name[prefix.Length..], Encoding.UTF8.GetString(document.Content.Span)));
        Assert.Empty(await storage.Documents.ListAsync($"{prefix}a%x", Logs.Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    public async Task Names_NotAllowed_AreRefusedEverywhere(string name)
    {
        IShardStorage storage = await StartAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => storage.OpenLogAsync(name, Logs.Token));
        await Assert.ThrowsAsync<ArgumentException>(() => storage.DeleteShardAsync(name, Logs.Token));
        await Assert.ThrowsAsync<ArgumentException>(() => storage.Documents.ReadAsync(name, Logs.Token));
        await Assert.ThrowsAsync<ArgumentException>(() => storage.Documents.WriteAsync(name, default, null, Logs.Token));
        Assert.Throws<ArgumentException>(() => storage.Snapshots.CreateWorkDirectory(name));
    }

    [Fact]
    public async Task Snapshots_PublishedAreListedOpenedAndOutliveARestart()
    {
        IShardStorage storage = await StartAsync();
        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        await log.AppendAsync("one", "two");
        Assert.Empty(await storage.Snapshots.ListAsync(Shard, Logs.Token));
        string large = string.Concat(Enumerable.Range(0, 400_000).Select(i => $"{i:D8}"));

        SnapshotDescription first = await Snapshots.PublishAsync(storage, log, 0, ("ids", "a"));
        SnapshotDescription second = await Snapshots.PublishAsync(
            storage, log, 2, ("index/codes/0.bin", large), ("index/empty", string.Empty), ("ids", "a\nb"));

        Assert.Equal((Shard, 2L, log.Epoch, large.Length + 3L), (second.ShardKey, second.Lsn, second.Epoch, second.Bytes));
        Assert.Equal("2", second.Properties["itemCount"]);
        storage = await RestartAsync(storage);
        IReadOnlyList<SnapshotDescription> listed = await storage.Snapshots.ListAsync(Shard, Logs.Token);
        Assert.Equal([second.Id, first.Id], listed.Select(snapshot => snapshot.Id));
        Assert.Equal((second.Lsn, second.Epoch, second.Bytes), (listed[0].Lsn, listed[0].Epoch, listed[0].Bytes));
        Assert.Equal(second.Properties, listed[0].Properties);
        Assert.Empty(await storage.Snapshots.ListAsync(Shard + "x", Logs.Token));
        using OpenedSnapshot opened = await storage.Snapshots.OpenAsync(Shard, second.Id, Logs.Token);
        await opened.VerifyAsync(string.Empty, Logs.Token);
        Assert.Equal(large, await ReadAsync(opened, "index/codes/0.bin"));
        Assert.Equal(string.Empty, await ReadAsync(opened, "index/empty"));
        Assert.Equal("a\nb", await ReadAsync(opened, "ids"));
        Assert.Equal(second.Id, opened.Description.Id);
    }

    [Fact]
    public async Task Snapshots_Deleted_StayForThoseWhoHaveThemOpen()
    {
        IShardStorage storage = await StartAsync();
        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        SnapshotDescription doomed = await Snapshots.PublishAsync(storage, log, 0, ("ids", "old"), ("same", new string('s', 2_000_000)));
        SnapshotDescription kept = await Snapshots.PublishAsync(storage, log, 0, ("ids", "new"), ("same", new string('s', 2_000_000)));
        OpenedSnapshot opened = await storage.Snapshots.OpenAsync(Shard, doomed.Id, Logs.Token);

        await storage.Snapshots.DeleteAsync(Shard, doomed.Id, Logs.Token);
        await storage.Snapshots.DeleteAsync(Shard, doomed.Id, Logs.Token);
        await storage.Snapshots.DeleteAsync(Shard, "20260101T000000Z-e1-l1-00000000", Logs.Token);

        Assert.Equal([kept.Id], (await storage.Snapshots.ListAsync(Shard, Logs.Token)).Select(snapshot => snapshot.Id));
        StorageException missing = await Assert.ThrowsAsync<StorageException>(() => storage.Snapshots.OpenAsync(Shard, doomed.Id, Logs.Token));
        Assert.Equal(StorageError.NotFound, missing.Error);
        Assert.Equal("old", await ReadAsync(opened, "ids"));
        opened.Dispose();
        opened.Dispose();
        storage = await RestartAsync(storage);
        using OpenedSnapshot other = await storage.Snapshots.OpenAsync(Shard, kept.Id, Logs.Token);
        await other.VerifyAsync(string.Empty, Logs.Token);
        Assert.Equal("new", await ReadAsync(other, "ids"));
    }

    [Fact]
    public async Task Snapshots_Damaged_AreListedAndRefused()
    {
        IShardStorage storage = await StartAsync();
        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        SnapshotDescription content = await Snapshots.PublishAsync(storage, log, 0, ("ids", "content to be damaged"), ("other", "whole"));
        SnapshotDescription manifest = await Snapshots.PublishAsync(storage, log, 0, ("ids", "b"));
        using (OpenedSnapshot opened = await storage.Snapshots.OpenAsync(Shard, content.Id, Logs.Token))
        {
            await opened.VerifyAsync(string.Empty, Logs.Token);
            await DamageSnapshotAsync(opened, "ids");
        }

        await DamageManifestAsync(Shard, manifest.Id);
        storage = await RestartAsync(storage);

        IReadOnlyList<SnapshotDescription> listed = await storage.Snapshots.ListAsync(Shard, Logs.Token);
        Assert.Equal(new[] { content.Id, manifest.Id }.Order(), listed.Select(snapshot => snapshot.Id).Order());
        StorageException refusal = await Assert.ThrowsAsync<StorageException>(async () =>
        {
            using OpenedSnapshot opened = await storage.Snapshots.OpenAsync(Shard, content.Id, Logs.Token);
            await opened.VerifyAsync("other", Logs.Token);
            await opened.VerifyAsync("ids", Logs.Token);
        });
        Assert.Equal(StorageError.Corrupt, refusal.Error);
        Assert.Contains("ids", refusal.Path, StringComparison.Ordinal);
        refusal = await Assert.ThrowsAsync<StorageException>(() => storage.Snapshots.OpenAsync(Shard, manifest.Id, Logs.Token));
        Assert.Equal(StorageError.Corrupt, refusal.Error);
    }

    [Fact]
    public async Task Readers_FollowTheLogWithoutItsLease()
    {
        IShardStorage storage = await StartAsync();
        if (!storage.AllowsReaders)
        {
            await Assert.ThrowsAsync<NotSupportedException>(() => storage.OpenReaderAsync(Shard, Logs.Token));
            return;
        }

        IShardStorage other = await StartAsync();
        await using IShardLogReader reader = await other.OpenReaderAsync(Shard, Logs.Token);
        Assert.Equal(new LogPosition(1, 0, 0), await reader.GetPositionAsync(Logs.Token));
        Assert.Empty(await ReadTextsAsync(reader, 0));

        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        Task<List<string>> following = FollowAsync(reader, count: 300);
        for (int i = 0; i < 300; i++)
        {
            await log.AppendAsync($"{i}");
        }

        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"{i}"), await following);
        Assert.Equal(new LogPosition(1, 300, 1), await reader.GetPositionAsync(Logs.Token));
        await log.TruncateAsync(200, Logs.Token);
        Assert.Equal(new LogPosition(201, 300, 1), await reader.GetPositionAsync(Logs.Token));
        Assert.Equal(100, (await ReadTextsAsync(reader, 200)).Count);
        StorageException gone = await Assert.ThrowsAsync<StorageException>(() => ReadTextsAsync(reader, 100));
        Assert.Contains("truncated", gone.Message, StringComparison.Ordinal);
        Assert.Equal(301, await log.AppendAsync("the lease was never taken"));
        await storage.DeleteShardAsync(Shard, Logs.Token);
        await AssertFencedAsync(() => reader.GetPositionAsync(Logs.Token));
    }

    [Fact]
    public async Task Readers_WaitNoLongerThanAsked()
    {
        IShardStorage storage = await StartAsync();
        if (!storage.AllowsReaders)
        {
            return; // said by Readers_FollowTheLogWithoutItsLease
        }

        IShardLog log = await storage.OpenLogAsync(Shard, Logs.Token);
        await using IShardLogReader reader = await storage.OpenReaderAsync(Shard, Logs.Token);
        await reader.WaitAsync(0, TimeSpan.FromMilliseconds(30), Logs.Token);
        using CancellationTokenSource cancellation = new();
        Task waiting = reader.WaitAsync(0, TimeSpan.FromHours(1), cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await log.AppendAsync("one");
        await reader.WaitAsync(0, TimeSpan.FromHours(1), Logs.Token);
    }

    private static async Task<List<string>> FollowAsync(IShardLogReader reader, int count)
    {
        List<string> texts = [];
        while (texts.Count < count)
        {
            await reader.WaitAsync(texts.Count, TimeSpan.FromSeconds(30), Logs.Token);
            texts.AddRange(await ReadTextsAsync(reader, texts.Count));
        }

        return texts;
    }

    private static async Task<List<string>> ReadTextsAsync(IShardLogReader reader, long afterLsn)
    {
        List<string> texts = [];
        await foreach (LogRecord record in reader.ReadAsync(afterLsn, Logs.Token))
        {
            Assert.Equal(afterLsn + texts.Count + 1, record.Lsn);
            texts.Add(Encoding.UTF8.GetString(record.Body.Span));
        }

        return texts;
    }

    private static Task<string> ReadAsync(OpenedSnapshot snapshot, string file) =>
        File.ReadAllTextAsync(Path.Combine(snapshot.Directory, file), Logs.Token);

    private static async Task AssertFencedAsync(Func<Task> action)
    {
        StorageException refusal = await Assert.ThrowsAsync<StorageException>(action);
        Assert.Equal(StorageError.Fenced, refusal.Error);
        Assert.False(refusal.IsTransient);
    }

    private static async Task<StorageException> AssertConflictAsync(Func<Task> action)
    {
        StorageException refusal = await Assert.ThrowsAsync<StorageException>(action);
        Assert.Equal(StorageError.Conflict, refusal.Error);
        return refusal;
    }
}
