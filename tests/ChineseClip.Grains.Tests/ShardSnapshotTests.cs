using System.Text;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Shards;
using ChineseClip.Grains.Tests.Fakes;
using ChineseClip.Storage;
using ChineseClip.Storage.Files;

namespace ChineseClip.Grains.Tests;

public sealed class ShardSnapshotTests : IAsyncLifetime
{
    private const int Dimension = 16;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("chineseclip-snapshot-");
    private readonly RecordingLogger _logger = new();
    private readonly SnapshotOptions _options = new() { Interval = TimeSpan.Zero };
    private FileShardStorage _storage = null!;

    private static CollectionDefinition Definition { get; } = new()
    {
        Name = "c",
        Dimension = Dimension,
        Shards = 1,
        Replicas = 1,
        M = 8,
        EfConstruction = 64,
        Quantization = "sq7",
        CreatedAt = DateTimeOffset.UnixEpoch,
        Incarnation = Guid.Parse("11111111-2222-3333-4444-555555555555"),
    };

    private static string Key => OpenShard.StorageKey(Definition, 0);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _storage = OpenStorage();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _storage.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Recovery_FromASnapshotAndTheLogBehindIt_IsWhatItWas()
    {
        ShardWrite before = Upsert("005", 77);
        (string, string)[] expected;
        (string, float)[] hits;
        await using (OpenShard shard = await OpenAsync())
        {
            await FillAsync(shard, 0, 300);
            await shard.WriteAsync(before, Token);
            await shard.WriteAsync(Delete("007"), Token);
            SnapshotDescription taken = await shard.SnapshotAsync(null, Token);
            Assert.Equal(302, taken.Lsn);
            await FillAsync(shard, 290, 320);
            await shard.WriteAsync(Delete("008"), Token);
            expected = Items(shard);
            hits = Best(shard);
        }

        await using OpenShard reopened = await OpenAsync();

        Assert.Equal(expected, Items(reopened));
        Assert.Equal(hits, Best(reopened));
        Assert.Equal(333, reopened.Contents.Lsn);
        Assert.Equal(302, reopened.Snapshot?.Lsn);
        ShardWriteAnswer again = await reopened.WriteAsync(before, Token);    // repeated: it is in the snapshot, not in the log
        Assert.Equal((301L, ItemStatus.Updated), (again.Lsn, Assert.Single(again.Upserts)));
        Assert.Equal(expected, Items(reopened));
        Assert.Equal(334, (await reopened.WriteAsync(Upsert("new", 1), Token)).Lsn);
    }

    [Fact]
    public async Task Snapshots_TakenWhileItIsWrittenAndSearched_HoldExactlyTheirLsn()
    {
        _options.AfterItems = 40;
        Dictionary<long, (string, string)[]> states = [];
        await using (OpenShard shard = await OpenAsync())
        {
            using CancellationTokenSource done = new();
            Task searching = Task.Run(
                () =>
                {
                    while (!done.IsCancellationRequested)
                    {
                        string[] ids = [.. shard.Contents.Search(Query(3), Token).Hits.Select(hit => hit.Id)];
                        Assert.Equal(ids.Length, ids.Distinct().Count());
                    }
                },
                Token);
            Random random = new(4);
            for (int i = 0; i < 600; i++)
            {
                string id = $"{random.Next(150):D3}";
                ShardWriteAnswer answer = await shard.WriteAsync(random.Next(4) == 0 ? Delete(id) : Upsert(id, i), Token);
                states[answer.Lsn] = Items(shard);
            }

            await done.CancelAsync();
            await searching;
            await shard.SnapshotAsync(null, Token);
        }

        IReadOnlyList<SnapshotDescription> snapshots = await _storage.Snapshots.ListAsync(Key, Token);
        Assert.Equal(2, snapshots.Count);
        Assert.Equal(600, snapshots[0].Lsn);

        // Each of the two is opened alone, without the log: its items are those of its LSN.
        foreach (SnapshotDescription snapshot in snapshots)
        {
            using OpenedSnapshot opened = await _storage.Snapshots.OpenAsync(Key, snapshot.Id, Token);
            await using OpenShard alone = await OpenCopyAsync(opened.Directory, $"alone-{snapshot.Lsn}");
            Assert.Equal(states[snapshot.Lsn], Items(alone));
        }

        await using OpenShard reopened = await OpenAsync();
        Assert.Equal(states[600], Items(reopened));
        await using IShardLog log = await _storage.OpenLogAsync(Key, Token);
        Assert.Equal(600, log.LastLsn);
    }

    [Fact]
    public async Task Recovery_NewestSnapshotIsDamaged_TakesTheOneBeforeAndSaysSo()
    {
        (string, string)[] expected;
        string newest;
        await using (OpenShard shard = await OpenAsync())
        {
            await FillAsync(shard, 0, 200);
            await shard.SnapshotAsync(null, Token);
            await FillAsync(shard, 200, 300);
            newest = (await shard.SnapshotAsync(null, Token)).Id;
            await FillAsync(shard, 300, 310);
            expected = Items(shard);
        }

        foreach (string file in await FilesAsync(newest))
        {
            byte[] intact = await File.ReadAllBytesAsync(file, Token);
            byte[] damaged = [.. intact];
            damaged[damaged.Length / 2] ^= 0x10;
            await ReplaceAsync(file, damaged);
            _logger.Errors.Clear();

            await using (OpenShard reopened = await OpenAsync())
            {
                Assert.Equal(expected, Items(reopened));
            }

            string error = Assert.Single(_logger.Errors);
            Assert.Contains(newest, error, StringComparison.Ordinal);
            await ReplaceAsync(file, intact);
        }

        await using OpenShard healthy = await OpenAsync();
        Assert.Equal(expected, Items(healthy));
        Assert.Equal(newest, healthy.Snapshot?.Id);
    }

    [Fact]
    public async Task Recovery_NoSnapshotIsUsable_ReplaysTheLogOrRefusesWhenItDoesNotReachBack()
    {
        (string, string)[] expected;
        string first;
        await using (OpenShard shard = await OpenAsync())
        {
            await FillAsync(shard, 0, 200);
            first = (await shard.SnapshotAsync(null, Token)).Id;
            expected = Items(shard);
        }

        await DamageAsync(first);
        await using (OpenShard reopened = await OpenAsync())
        {
            // The log is whole: its vectors are searched one by one, until they are linked.
            Assert.Equal(expected, Items(reopened));
            Assert.Equal(10, reopened.Contents.Search(Query(1) with { Exact = false }, Token).Hits.Length);
            await FillAsync(reopened, 200, 300);
            string second = (await reopened.SnapshotAsync(null, Token)).Id;
            Assert.Equal(0, reopened.Contents.UnlinkedCount);
            await FillAsync(reopened, 300, 400);
            string third = (await reopened.SnapshotAsync(null, Token)).Id;
            Assert.Equal([third, second], (await _storage.Snapshots.ListAsync(Key, Token)).Select(snapshot => snapshot.Id));
            await DamageAsync(second);
            await DamageAsync(third);
        }

        ClusterException refused = await TestSilos.FailsAsync(ErrorCode.Corrupt, () => OpenAsync());
        Assert.Contains("no snapshot that can be used", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recovery_OnlyVectorsAreWhole_RebuildsTheGraphAndAnswersMeanwhile()
    {
        (string, string)[] expected;
        (string, float)[] hits;
        ShardWrite last = Upsert("last", 5);
        await using (OpenShard shard = await OpenAsync())
        {
            await FillAsync(shard, 0, 200);
            await shard.SnapshotAsync(null, Token);
            await FillAsync(shard, 200, 300);
            await shard.WriteAsync(last, Token);
            await shard.SnapshotAsync(null, Token);
            expected = Items(shard);
            hits = Best(shard);
        }

        foreach (SnapshotDescription snapshot in await _storage.Snapshots.ListAsync(Key, Token))
        {
            foreach (string file in (await FilesAsync(snapshot.Id)).Where(
                file => Path.GetFileName(file).StartsWith("rows", StringComparison.Ordinal)
                    || Path.GetFileName(file).StartsWith("base", StringComparison.Ordinal)
                    || Path.GetFileName(file).StartsWith("codes", StringComparison.Ordinal)))
            {
                byte[] content = await File.ReadAllBytesAsync(file, Token);
                content[content.Length / 2] ^= 4;
                await ReplaceAsync(file, content);
            }
        }

        await using OpenShard reopened = await OpenAsync();
        Assert.Contains(_logger.Errors, error => error.Contains("made anew from its vectors", StringComparison.Ordinal));
        Assert.Equal(expected, Items(reopened));
        Assert.Equal(hits, Best(reopened));
        Assert.Equal(301, (await reopened.WriteAsync(last, Token)).Lsn);    // the operations are known, too
        await reopened.SnapshotAsync(null, Token);
        Assert.Equal(0, reopened.Contents.UnlinkedCount);
        Assert.Equal(hits, Best(reopened));
    }

    [Fact]
    public async Task Close_AfterManyWrites_LeavesASnapshotAndAfterFewNone()
    {
        _options.AtStopAfterItems = 50;
        OpenShard few = await OpenAsync();
        await FillAsync(few, 0, 10);
        await few.CloseAsync(Token);
        Assert.Empty(await _storage.Snapshots.ListAsync(Key, Token));
        OpenShard many = await OpenAsync();
        await FillAsync(many, 10, 60);
        await many.CloseAsync(Token);
        Assert.Equal(60, Assert.Single(await _storage.Snapshots.ListAsync(Key, Token)).Lsn);
    }

    private static ShardWrite Upsert(string id, int seed) => new()
    {
        OperationId = Guid.NewGuid(),
        Incarnation = Definition.Incarnation,
        Upserts = [new ShardItem { Id = id, Vector = Vector(seed), Payload = Encoding.UTF8.GetBytes($$"""{"n":{{seed}}}""") }],
    };

    private static ShardWrite Delete(string id) =>
        new() { OperationId = Guid.NewGuid(), Incarnation = Definition.Incarnation, Deletes = [id] };

    private static async Task FillAsync(OpenShard shard, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            await shard.WriteAsync(Upsert($"{i:D3}", i), Token);
        }
    }

    private static (string, string)[] Items(OpenShard shard) =>
    [
        .. shard.Contents.Scroll(new ScrollQuery { Collection = "c", Limit = 1000 }, Token).Items
            .Select(item => (item.Id, Encoding.UTF8.GetString(item.Payload!.Value.Span))),
    ];

    private static (string, float)[] Best(OpenShard shard) =>
        [.. shard.Contents.Search(Query(42), Token).Hits.Select(hit => (hit.Id, MathF.Round(hit.Score, 5)))];

    private static ShardSearch Query(int seed) =>
        new() { Incarnation = Definition.Incarnation, Vector = Vector(seed), K = 10, Ef = 200, Exact = true };

    private static EmbeddingVector Vector(int seed)
    {
        Random random = new(seed);
        float[] values = [.. Enumerable.Range(0, Dimension).Select(_ => (float)(random.NextDouble() - 0.5))];
        float norm = MathF.Sqrt(values.Sum(value => value * value));
        return EmbeddingVector.From([.. values.Select(value => value / norm)]);
    }

    // Files of snapshots may be shared between snapshots: the damage must be this one's alone.
    private static async Task ReplaceAsync(string file, byte[] content)
    {
        File.SetAttributes(file, FileAttributes.Normal);
        File.Delete(file);
        await File.WriteAllBytesAsync(file, content, Token);
    }

    private async Task<string[]> FilesAsync(string snapshot)
    {
        using OpenedSnapshot opened = await _storage.Snapshots.OpenAsync(Key, snapshot, Token);
        return
        [
            .. Directory.GetFiles(opened.Directory, "*", SearchOption.AllDirectories)
                .Where(file => new FileInfo(file).Length > 0),
        ];
    }

    private async Task DamageAsync(string snapshot)
    {
        string entries = (await FilesAsync(snapshot)).Single(file => Path.GetFileName(file) == "entries");
        byte[] content = await File.ReadAllBytesAsync(entries, Token);
        content[^20] ^= 1;
        await ReplaceAsync(entries, content);
    }

    // Small segments, so that something of the log can be truncated.
    private FileShardStorage OpenStorage() =>
        FileShardStorage.Open(new FileStorageOptions { Directory = _directory.FullName, SegmentBytes = 4096 });

    private Task<OpenShard> OpenAsync() =>
        OpenShard.OpenAsync(new ShardHost(_storage, _options, new LearningOptions(), TimeProvider.System, _logger), Definition, 0, Token);

    private async Task<OpenShard> OpenCopyAsync(string source, string name)
    {
        CollectionDefinition definition = Definition with { Name = name, RestoredFrom = "test" };
        string key = OpenShard.StorageKey(definition, 0);
        await using (IShardLog log = await _storage.OpenLogAsync(key, Token))
        {
            await Grains.Shards.Snapshots.SnapshotCopy.PublishAsync(_storage, source, definition, 0, log.Epoch, Token);
        }

        return await OpenShard.OpenAsync(new ShardHost(_storage, _options, new LearningOptions(), TimeProvider.System, _logger), definition, 0, Token);
    }
}
