namespace ChineseClip.Storage.Tests;

/// <summary>The machine dies: un-synced bytes are lost, or kept in pieces; then the log is opened again.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task EveryAcknowledgedRecordSurvivesACrashAtEveryOperation()
    {
        int crashes = 0;
        for (int crashAt = 0; ; crashAt++)
        {
            FaultyFileSystem files = new();
            int operations = 0;
            int fatal = crashAt;
            files.Fault = (_, _) => Interlocked.Increment(ref operations) > fatal ? new IOException("The machine is down.") : null;
            Acknowledged acknowledged = await RunUntilDownAsync(files);
            bool finished = operations <= fatal;
            files.Fault = null;
            files.Crash(new Random(crashAt));
            await CheckAsync(files, acknowledged);
            if (finished)
            {
                break;
            }

            crashes++;
        }

        Assert.True(crashes > 60, $"Only {crashes} operations were crashed.");
    }

    [Fact]
    public async Task EveryAcknowledgedRecordSurvivesRepeatedTornCrashes()
    {
        const int Seed = 20260101;
        Random random = new(Seed);
        FaultyFileSystem files = new();
        Acknowledged acknowledged = new();
        for (int life = 0; life < 60; life++)
        {
            int fatal = random.Next(5, 60);
            int operations = 0;
            files.Fault = (_, _) => Interlocked.Increment(ref operations) > fatal ? new IOException("The machine is down.") : null;
            acknowledged = await RunUntilDownAsync(files, acknowledged);
            files.Fault = null;
            files.Crash(random);
            acknowledged = await CheckAsync(files, acknowledged);
        }

        Assert.True(acknowledged.Texts.Count > 100, $"Seed {Seed}: only {acknowledged.Texts.Count} records were acknowledged.");
    }

    [Fact]
    public async Task AppendAsync_AfterAFailedSync_IsRefusedUntilOpenedAgain()
    {
        FaultyFileSystem files = new();
        await using FileShardStorageScope scope = new(files);
        IShardLog log = await scope.Storage.OpenLogAsync(Logs.Shard, Logs.Token);
        await log.AppendAsync("kept");
        files.Fault = (operation, _) => operation == FileOperation.Sync ? new IOException("Input/output error") : null;

        StorageException failure = await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync("not acknowledged"));
        files.Fault = null;
        StorageException refusal = await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync("refused"));

        Assert.Equal((StorageError.Unavailable, StorageError.Unavailable), (failure.Error, refusal.Error));
        Assert.Contains("Input/output error", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("opened again", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(["kept"], await log.ReadTextsAsync());
        IShardLog again = await scope.Storage.OpenLogAsync(Logs.Shard, Logs.Token);
        Assert.Equal(2, again.Epoch);
        Assert.Equal("kept", (await again.ReadTextsAsync())[0]);
    }

    /// <summary>After a failed sync the page cache may show bytes, marked clean, that the medium does not have.</summary>
    [Fact]
    public async Task OpenLogAsync_AfterAFailedSync_ShowsNothingTheMediumDoesNotHave()
    {
        FaultyFileSystem files = new();
        await using FileShardStorageScope scope = new(files);
        IShardLog log = await scope.Storage.OpenLogAsync(Logs.Shard, Logs.Token);
        await log.AppendAsync("kept");
        files.Fault = (operation, _) => operation == FileOperation.Sync ? new IOException("Input/output error") : null;
        await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync("in the cache only"));
        files.Fault = null;

        IShardLog again = await scope.Storage.OpenLogAsync(Logs.Shard, Logs.Token);
        List<string> shown = await again.ReadTextsAsync();
        await again.AppendAsync("acknowledged");
        files.Crash();

        await using FileShardStorageScope after = new(files);
        IShardLog recovered = await after.Storage.OpenLogAsync(Logs.Shard, Logs.Token);
        Assert.Equal([.. shown, "acknowledged"], await recovered.ReadTextsAsync());
    }

    [Fact]
    public async Task AppendAsync_DiskFull_IsRefusedAndResumesWhenOpenedAgain()
    {
        FaultyFileSystem files = new();
        await using FileShardStorageScope scope = new(files);
        IShardLog log = await scope.Storage.OpenLogAsync(Logs.Shard, Logs.Token);
        await log.AppendAsync("kept");
        files.FreeBytes = 70;

        StorageException failure = await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync(new string('x', 100)));
        StorageException noReopen = await Assert.ThrowsAsync<StorageException>(
            () => scope.Storage.OpenLogAsync(Logs.Shard, Logs.Token));

        Assert.Equal((StorageError.Unavailable, StorageError.Unavailable), (failure.Error, noReopen.Error));
        Assert.Contains("No space left on device", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["kept"], await log.ReadTextsAsync());
        files.FreeBytes = long.MaxValue;
        IShardLog again = await scope.Storage.OpenLogAsync(Logs.Shard, Logs.Token);
        Assert.Equal(2, await again.AppendAsync("resumed"));
        Assert.Equal(["kept", "resumed"], await again.ReadTextsAsync());
    }

    /// <summary>Opens, appends in groups over several segments, truncates, writes documents, until a fault or the end.</summary>
    private static async Task<Acknowledged> RunUntilDownAsync(FaultyFileSystem files, Acknowledged? known = null)
    {
        Acknowledged acknowledged = known ?? new Acknowledged();
        try
        {
            await using FileShardStorageScope scope = new(files);
            IShardLog log = await scope.Storage.OpenLogAsync(Logs.Shard, Logs.Token);
            for (int i = 0; i < 12; i++)
            {
                string[] texts = [.. Enumerable.Range(0, 3).Select(j => $"{log.Epoch}.{i}.{j} " + new string('x', 200 + (50 * j)))];
                acknowledged.Attempt = texts;
                await log.AppendAsync(texts);
                acknowledged.Texts.AddRange(texts);
                acknowledged.Attempt = [];
            }

            acknowledged.DocumentAttempt = $"version of epoch {log.Epoch}";
            StoredDocument document = await scope.Storage.Documents.WriteAsync(
                "collections/演示", Logs.Body(acknowledged.DocumentAttempt), expectedVersion: null, Logs.Token);
            acknowledged.Document = acknowledged.DocumentAttempt;
            Assert.True(document.Version > 0);
            await log.TruncateAsync(log.LastLsn, Logs.Token);
        }
        catch (StorageException exception) when (exception.Error == StorageError.Unavailable)
        {
            // The machine is down.
        }

        return acknowledged;
    }

    /// <summary>Opens what the crash left; returns what is there now, from which the next life goes on.</summary>
    private static async Task<Acknowledged> CheckAsync(FaultyFileSystem files, Acknowledged acknowledged)
    {
        await using FileShardStorageScope scope = new(files);
        Assert.DoesNotContain(files.AllFiles(), path => path.StartsWith(Logs.Root + "/documents", StringComparison.Ordinal) && path.EndsWith(".tmp", StringComparison.Ordinal));
        IShardLog log = await scope.Storage.OpenLogAsync(Logs.Shard, Logs.Token);
        List<string> found = await log.ReadTextsAsync(log.FirstLsn - 1);
        List<string> all = [.. acknowledged.Texts[..(int)(log.FirstLsn - 1)], .. found];
        Assert.True(all.Count >= acknowledged.Texts.Count, $"{acknowledged.Texts.Count} records acknowledged, {all.Count} found.");
        Assert.Equal(acknowledged.Texts, all[..acknowledged.Texts.Count]);
        Assert.Equal(acknowledged.Attempt[..(all.Count - acknowledged.Texts.Count)], all[acknowledged.Texts.Count..]);
        Assert.DoesNotContain(files.AllFiles(), path => path.EndsWith(".tmp", StringComparison.Ordinal));
        StoredDocument? document = await scope.Storage.Documents.ReadAsync("collections/演示", Logs.Token);
        string? text = document is null ? null : System.Text.Encoding.UTF8.GetString(document.Content.Span);
        Assert.True(text == acknowledged.Document || text == acknowledged.DocumentAttempt, $"Unexpected document '{text}'.");
        return new Acknowledged { Texts = all, Document = text, DocumentAttempt = text };
    }

    private sealed class Acknowledged
    {
        public List<string> Texts { get; init; } = [];

        /// <summary>What was being appended when the machine went down; any prefix of it may be found.</summary>
        public string[] Attempt { get; set; } = [];

        public string? Document { get; set; }

        public string? DocumentAttempt { get; set; }
    }
}
