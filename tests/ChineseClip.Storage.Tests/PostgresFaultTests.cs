using ChineseClip.Storage.Postgres;
using ChineseClip.Testing;
using Npgsql;

namespace ChineseClip.Storage.Tests;

/// <summary>What PostgreSQL, or the way to it, may do to us.</summary>
public sealed class PostgresFaultTests(PostgresFixture fixture) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("chineseclip-postgres-faults-").FullName;

    private readonly string _schema = $"t{Guid.NewGuid():N}"[..20];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>The server is killed with SIGKILL, again and again, while three shards write in small groups and large ones.</summary>
    [Fact]
    public async Task ServerKilledUnderWriters_LosesNothingAcknowledgedAndDoublesNothing()
    {
        const int Kills = 4;
        PostgresFixture.Require();
        await using PostgresServer server = await PostgresServer.StartAsync();
        await using PostgresShardStorage storage = await OpenAsync(server.ConnectionString);
        using CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(Logs.Token);
        Writer[] writers = [.. Enumerable.Range(0, 3).Select(shard => new Writer(storage, $"demo/{shard}"))];
        Task[] writing = [.. writers.Select(writer => writer.RunAsync(ending.Token))];
        for (int kill = 0; kill < Kills; kill++)
        {
            foreach (Writer writer in writers)
            {
                await writer.AcknowledgedMoreAsync(20);
            }

            await server.KillAsync();
            foreach (Writer writer in writers)
            {
                await writer.RefusedAsync();
            }

            await server.StartAgainAsync();
        }

        foreach (Writer writer in writers)
        {
            await writer.AcknowledgedMoreAsync(20);
        }

        await ending.CancelAsync();
        await Task.WhenAll(writing);
        foreach (Writer writer in writers)
        {
            IShardLog log = await storage.OpenLogAsync(writer.Shard, Logs.Token);
            List<string> found = await log.ReadTextsAsync();
            Assert.Equal(found.Count, found.Distinct().Count());
            Assert.Empty(writer.Acknowledged.Except(found));
            Assert.Empty(found.Except(writer.Attempted));
            Assert.Equal(writer.Acknowledged, found.Where(writer.Acknowledged.ToHashSet().Contains));
            Assert.True(writer.Refusals >= Kills, $"{writer.Refusals} refusals for {Kills} kills.");
            writer.Dispose();
        }
    }

    /// <summary>The connection is lost just as the server says a word: before the commit, or to say that it took place.</summary>
    [Theory]
    [InlineData(1, "INSERT", true)]
    [InlineData(100, "COPY", false)]
    [InlineData(100, "COMMIT", true)]
    public async Task AnswerLost_AcknowledgesNothingAndShowsWhatIsThereWhenOpenedAgain(int records, string word, bool isCommitted)
    {
        PostgresServer server = await fixture.GetAsync();
        await using TcpProxy proxy = new(server.Port);
        await using PostgresShardStorage storage = await OpenAsync(Through(proxy, server));
        IShardLog log = await storage.OpenLogAsync("demo/0", Logs.Token);
        await log.AppendAsync("before");
        string[] texts = [.. Enumerable.Range(0, records).Select(i => $"{i}")];
        proxy.LoseAnswerWith(word);

        StorageException failure = await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync(texts));

        Assert.Equal((StorageError.Unavailable, true), (failure.Error, failure.IsTransient));
        StorageException refusal = await Assert.ThrowsAsync<StorageException>(() => log.AppendAsync("not yet"));
        Assert.Contains("must be opened again", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, log.LastLsn);
        log = await storage.OpenLogAsync("demo/0", Logs.Token);
        string[] expected = ["before", .. isCommitted ? texts : [], "after"];
        Assert.Equal(expected.Length, await log.AppendAsync("after"));
        Assert.Equal(expected, await log.ReadTextsAsync());
    }

    /// <summary>A holder falls silent in the middle of its copy. Its successor is not kept waiting, and the stale commit cannot take place.</summary>
    [Fact]
    public async Task HolderFrozenWhileItCopies_IsFencedAndKeepsNobodyWaiting()
    {
        PostgresServer server = await fixture.GetAsync();
        await using TcpProxy proxy = new(server.Port);
        await using PostgresShardStorage stale = await OpenAsync(Through(proxy, server));
        await using PostgresShardStorage next = await OpenAsync(server.ConnectionString);
        IShardLog older = await stale.OpenLogAsync("demo/0", Logs.Token);
        await older.AppendAsync("by the older");
        proxy.HoldAfter(200_000);
        Task<long> frozen = older.AppendAsync([.. Enumerable.Range(0, 400).Select(_ => (ReadOnlyMemory<byte>)new byte[1000])], Logs.Token);

        IShardLog newer = await next.OpenLogAsync("demo/0", Logs.Token);
        Assert.Equal(2, await newer.AppendAsync("by the newer"));
        Assert.Equal(202, await newer.AppendAsync([.. Enumerable.Range(0, 200).Select(i => Logs.Body($"{i}"))], Logs.Token));
        Assert.False(frozen.IsCompleted);
        proxy.Release();

        StorageException refusal = await Assert.ThrowsAsync<StorageException>(() => frozen);
        Assert.Equal(StorageError.Fenced, refusal.Error);
        Assert.Equal(["by the older", "by the newer", .. Enumerable.Range(0, 200).Select(i => $"{i}")], await newer.ReadTextsAsync());
    }

    [Fact]
    public async Task OpenAsync_ManyAtOnce_MigrateOnce()
    {
        PostgresServer server = await fixture.GetAsync();
        PostgresShardStorage[] storages = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => OpenAsync(server.ConnectionString)));
        for (int i = 0; i < storages.Length; i++)
        {
            await storages[i].Documents.WriteAsync($"{i}", default, 0, Logs.Token);
        }

        Assert.Equal(6, (await storages[0].Documents.ListAsync("", Logs.Token)).Count);
        foreach (PostgresShardStorage storage in storages)
        {
            await storage.DisposeAsync();
        }
    }

    [Fact]
    public async Task OpenAsync_NewerSchema_IsRefusedByName()
    {
        PostgresServer server = await fixture.GetAsync();
        await (await OpenAsync(server.ConnectionString)).DisposeAsync();
        await RunAsync(server, $"INSERT INTO {_schema}.schema_version (version) VALUES (99)");

        StorageException refusal = await Assert.ThrowsAsync<StorageException>(() => OpenAsync(server.ConnectionString));

        Assert.Equal(StorageError.Incompatible, refusal.Error);
        Assert.Contains($"The schema '{_schema}' has version 99", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenAsync_NobodyListens_IsUnavailable()
    {
        PostgresFixture.Require();
        StorageException refusal = await Assert.ThrowsAsync<StorageException>(
            () => OpenAsync("Host=127.0.0.1;Port=1;Username=postgres;Database=postgres"));
        Assert.Equal((StorageError.Unavailable, true), (refusal.Error, refusal.IsTransient));
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("a;drop table x")]
    [InlineData("")]
    public async Task OpenAsync_SchemaThatIsNoName_IsRefused(string schema)
    {
        ArgumentException refusal = await Assert.ThrowsAsync<ArgumentException>(() => PostgresShardStorage.OpenAsync(
            new PostgresStorageOptions { ConnectionString = "Host=x", CacheDirectory = _directory, Schema = schema }, Logs.Token));
        Assert.Contains($"Schema is \"{schema}\"", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishAsync_SameContent_IsStoredOnceAndFreedWithItsLastSnapshot()
    {
        PostgresServer server = await fixture.GetAsync();
        await using PostgresShardStorage storage = await OpenAsync(server.ConnectionString);
        IShardLog log = await storage.OpenLogAsync("demo/0", Logs.Token);
        string vectors = string.Concat(Enumerable.Range(0, 500_000).Select(i => $"{i:D8}")); // 4,000,000 bytes: 4 chunks
        SnapshotDescription first = await Snapshots.PublishAsync(storage, log, 0, ("vectors", vectors), ("ids", "1"));
        SnapshotDescription second = await Snapshots.PublishAsync(storage, log, 0, ("vectors", vectors + "and more"), ("ids", "2"));
        Assert.Equal(4 + 1 + 1 + 1, await CountAsync(server, "chunk")); // the last chunk of the vectors and the ids differ

        await storage.Snapshots.DeleteAsync("demo/0", first.Id, Logs.Token);
        Assert.Equal(5, await CountAsync(server, "chunk"));

        // Another process, which has no copy, fetches what is left.
        await using PostgresShardStorage other = await OpenAsync(server.ConnectionString);
        using OpenedSnapshot opened = await other.Snapshots.OpenAsync("demo/0", second.Id, Logs.Token);
        Assert.Equal(vectors + "and more", await File.ReadAllTextAsync(Path.Combine(opened.Directory, "vectors"), Logs.Token));
        await opened.VerifyAsync("", Logs.Token);
        await storage.DeleteShardAsync("demo/0", Logs.Token);
        Assert.Equal((0L, 0L, 0L), (await CountAsync(server, "chunk"), await CountAsync(server, "snapshot_part"), await CountAsync(server, "log_record")));
    }

    /// <summary>A publisher that died left a description and chunks: the next holder's publication removes the description.</summary>
    [Fact]
    public async Task PublishAsync_LeftoversOfADeadPublisher_AreRemoved()
    {
        PostgresServer server = await fixture.GetAsync();
        await using PostgresShardStorage storage = await OpenAsync(server.ConnectionString);
        IShardLog log = await storage.OpenLogAsync("demo/0", Logs.Token);
        SnapshotDescription kept = await Snapshots.PublishAsync(storage, log, 0, ("ids", "1"));
        await RunAsync(
            server,
            $"INSERT INTO {_schema}.snapshot SELECT shard_id, 'x' || snapshot_id, epoch, false, checksum, manifest FROM {_schema}.snapshot");
        Assert.Equal([kept.Id], (await storage.Snapshots.ListAsync("demo/0", Logs.Token)).Select(snapshot => snapshot.Id));

        log = await storage.OpenLogAsync("demo/0", Logs.Token);
        await Snapshots.PublishAsync(storage, log, 0, ("ids", "2"));

        Assert.Equal(2, await CountAsync(server, "snapshot"));
    }

    [Fact]
    public async Task OpenAsync_CacheOverItsBudget_KeepsWhatIsOpen()
    {
        PostgresServer server = await fixture.GetAsync();
        await using PostgresShardStorage storage = await OpenAsync(server.ConnectionString, maxCacheBytes: 0);
        IShardLog log = await storage.OpenLogAsync("demo/0", Logs.Token);
        SnapshotDescription[] published = new SnapshotDescription[3];
        for (int i = 0; i < published.Length; i++)
        {
            published[i] = await Snapshots.PublishAsync(storage, log, 0, ("ids", $"{i} {new string('x', 10_000)}"));
        }

        using OpenedSnapshot first = await storage.Snapshots.OpenAsync("demo/0", published[0].Id, Logs.Token);
        string second = (await storage.Snapshots.OpenAsync("demo/0", published[1].Id, Logs.Token)).DisposedDirectory();
        using OpenedSnapshot third = await storage.Snapshots.OpenAsync("demo/0", published[2].Id, Logs.Token);

        Assert.False(Directory.Exists(second));
        await first.VerifyAsync("", Logs.Token);
        await third.VerifyAsync("", Logs.Token);
    }

    private static string Through(TcpProxy proxy, PostgresServer server) =>
        new NpgsqlConnectionStringBuilder(server.ConnectionString) { Port = proxy.Port, MaxPoolSize = 4 }.ConnectionString;

    private static async Task RunAsync(PostgresServer server, string sql)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(server.ConnectionString);
        await using NpgsqlCommand command = source.CreateCommand(sql);
        _ = await command.ExecuteNonQueryAsync(Logs.Token);
    }

    private async Task<long> CountAsync(PostgresServer server, string table)
    {
        await using NpgsqlDataSource source = NpgsqlDataSource.Create(server.ConnectionString);
        await using NpgsqlCommand command = source.CreateCommand($"SELECT count(*) FROM {_schema}.{table}");
        return (long)(await command.ExecuteScalarAsync(Logs.Token))!;
    }

    private Task<PostgresShardStorage> OpenAsync(string connectionString, long maxCacheBytes = long.MaxValue) => PostgresShardStorage.OpenAsync(
        new PostgresStorageOptions
        {
            ConnectionString = connectionString,
            CacheDirectory = Path.Combine(_directory, "cache"),
            Schema = _schema,
            StatementTimeout = TimeSpan.FromSeconds(30),
            AnnounceAppends = false, // nothing but what the tests do passes through their proxies
            MaxCacheBytes = maxCacheBytes,
        },
        Logs.Token);

    /// <summary>Appends as a shard does: after a refusal it opens the log again and looks at what is there.</summary>
    private sealed class Writer(PostgresShardStorage storage, string shard) : IDisposable
    {
        private readonly SemaphoreSlim _acknowledgements = new(0);

        private readonly SemaphoreSlim _refusals = new(0);

        public string Shard => shard;

        public List<string> Acknowledged { get; } = [];

        public HashSet<string> Attempted { get; } = [];

        public int Refusals { get; private set; }

        public async Task AcknowledgedMoreAsync(int count)
        {
            while (_acknowledgements.Wait(0, CancellationToken.None))
            {
                // Those were before.
            }

            for (int i = 0; i < count; i++)
            {
                await _acknowledgements.WaitAsync(Logs.Token);
            }

            while (_refusals.Wait(0, CancellationToken.None))
            {
                // A refusal that belongs to what was before.
            }
        }

        public void Dispose()
        {
            _acknowledgements.Dispose();
            _refusals.Dispose();
        }

        public Task RefusedAsync() => _refusals.WaitAsync(Logs.Token);

        public async Task RunAsync(CancellationToken ending)
        {
            IShardLog? log = null;
            for (int i = 0; !ending.IsCancellationRequested; i++)
            {
                string[] texts = [.. Enumerable.Range(0, i % 10 == 9 ? 100 : 2).Select(j => $"{i}.{j}")];
                try
                {
                    log ??= await storage.OpenLogAsync(shard, CancellationToken.None);
                    Attempted.UnionWith(texts);
                    await log.AppendAsync([.. texts.Select(Logs.Body)], CancellationToken.None);
                    Acknowledged.AddRange(texts);
                    _acknowledgements.Release();
                }
                catch (StorageException exception)
                {
                    Assert.Equal((StorageError.Unavailable, true), (exception.Error, exception.IsTransient));
                    if (log is not null)
                    {
                        Refusals++;
                        _refusals.Release();
                    }

                    log = null;
                }
            }
        }
    }
}
