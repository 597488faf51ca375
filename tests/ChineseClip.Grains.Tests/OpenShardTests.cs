using System.Text;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Shards;
using ChineseClip.Grains.Tests.Fakes;
using ChineseClip.Storage;
using ChineseClip.Storage.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace ChineseClip.Grains.Tests;

public sealed class OpenShardTests : IAsyncLifetime
{
    private const int Dimension = 8;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("chineseclip-shard-");
    private readonly SnapshotOptions _snapshots = new() { Interval = TimeSpan.Zero };
    private FaultyStorage _storage = null!;

    private static CollectionDefinition Definition { get; } = new()
    {
        Name = "c",
        Model = null,
        Dimension = Dimension,
        Shards = 1,
        Replicas = 1,
        M = 8,
        EfConstruction = 64,
        Quantization = "none",
        CreatedAt = DateTimeOffset.UnixEpoch,
        Incarnation = Guid.Parse("11111111-2222-3333-4444-555555555555"),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _storage = new FaultyStorage(FileShardStorage.Open(new FileStorageOptions { Directory = _directory.FullName }));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _storage.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Write_AppendFails_NothingIsAppliedAndTheNextWriteSucceeds()
    {
        await using OpenShard shard = await OpenAsync();
        await shard.WriteAsync(Upsert("a"), Token);
        _storage.FailingAppends = 1;

        StorageException failed = await Assert.ThrowsAsync<StorageException>(() => shard.WriteAsync(Upsert("b"), Token));

        Assert.Equal(StorageError.Unavailable, failed.Error);
        Assert.Equal(["a"], Ids(shard));
        Assert.Equal(1L, shard.Epoch);
        ShardWriteAnswer next = await shard.WriteAsync(Upsert("c"), Token);
        Assert.Equal((2L, 2L), (next.Epoch, next.Lsn));
        Assert.Equal(["a", "c"], Ids(shard));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Write_RefusedAndTriedAgainUnderTheSameOperation_Happens(bool isRefusedAtOnce)
    {
        await using OpenShard shard = await OpenAsync();
        TaskCompletionSource held = new();
        _storage.BeforeAppend = _ => isRefusedAtOnce ? Task.CompletedTask : held.Task;
        _storage.FailingAppends = 1;
        ShardWrite unlucky = Upsert("a");
        Task<ShardWriteAnswer> refused = shard.WriteAsync(unlucky, Token);
        held.SetResult();
        await Assert.ThrowsAsync<StorageException>(() => refused);

        ShardWriteAnswer again = await shard.WriteAsync(unlucky, Token);

        Assert.Equal((1L, ItemStatus.Created), (again.Lsn, Assert.Single(again.Upserts)));
        Assert.Equal(["a"], Ids(shard));
    }

    [Fact]
    public async Task Write_UnacknowledgedButOnDisk_IsAppliedBeforeTheNextWrite()
    {
        await using OpenShard shard = await OpenAsync();
        _storage.FailingAppends = 1;
        _storage.WritesThenFails = true;
        ShardWrite unlucky = Upsert("a");
        await Assert.ThrowsAsync<StorageException>(() => shard.WriteAsync(unlucky, Token));
        Assert.Empty(Ids(shard));

        // The caller tries again under the same operation: it is answered from the log and not done twice.
        ShardWriteAnswer again = await shard.WriteAsync(unlucky, Token);

        Assert.Equal((1L, ItemStatus.Created), (again.Lsn, Assert.Single(again.Upserts)));
        Assert.Equal(["a"], Ids(shard));
    }

    [Fact]
    public async Task Write_TheSameOperationTwice_HappensOnceAlsoAfterReopening()
    {
        ShardWrite write = Upsert("a");
        ShardWriteAnswer first;
        await using (OpenShard shard = await OpenAsync())
        {
            first = await shard.WriteAsync(write, Token);
            Assert.Equal(first, await shard.WriteAsync(write, Token));
            await shard.WriteAsync(new ShardWrite { OperationId = Guid.NewGuid(), Incarnation = Definition.Incarnation, Deletes = ["a"] }, Token);
        }

        await using OpenShard reopened = await OpenAsync();
        ShardWriteAnswer again = await reopened.WriteAsync(write, Token);
        Assert.Equal(first.Lsn, again.Lsn);
        Assert.Empty(Ids(reopened));    // the delete that came after stands
    }

    [Fact]
    public async Task Write_ManyAtOnce_AllAreThereInTheOrderTheyWereCalled()
    {
        await using OpenShard shard = await OpenAsync();
        ShardWriteAnswer[] answers = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(i => shard.WriteAsync(Upsert($"{i % 50:D2}", i), Token)));

        Assert.Equal(Enumerable.Range(1, 200).Select(lsn => (long)lsn), answers.Select(answer => answer.Lsn));
        Assert.All(answers[..50], answer => Assert.Equal(ItemStatus.Created, answer.Upserts[0]));
        Assert.All(answers[50..], answer => Assert.Equal(ItemStatus.Updated, answer.Upserts[0]));
        StoredItem[] items = shard.Contents.Get(new GetItems { Collection = "c", Ids = ["07"] });
        Assert.Equal("157", Encoding.UTF8.GetString(Assert.Single(items).Payload!.Value.Span));
    }

    [Fact]
    public async Task Replay_AfterRandomWrites_EqualsAPlainDictionary()
    {
        const int Seed = 5;
        Random random = new(Seed);
        Dictionary<string, string> oracle = new(StringComparer.Ordinal);
        await using (OpenShard shard = await OpenAsync())
        {
            for (int i = 0; i < 400; i++)
            {
                string id = $"{random.Next(60):D2}";
                if (random.Next(3) == 0)
                {
                    ShardWriteAnswer deleted = await shard.WriteAsync(
                        new ShardWrite { OperationId = Guid.NewGuid(), Incarnation = Definition.Incarnation, Deletes = [id] }, Token);
                    Assert.Equal(oracle.Remove(id), deleted.Deleted[0]);
                }
                else
                {
                    ShardWriteAnswer written = await shard.WriteAsync(Upsert(id, i), Token);
                    Assert.Equal(oracle.ContainsKey(id) ? ItemStatus.Updated : ItemStatus.Created, written.Upserts[0]);
                    oracle[id] = $"{i}";
                }
            }
        }

        await using OpenShard reopened = await OpenAsync();
        StoredItem[] items = reopened.Contents.Scroll(new ScrollQuery { Collection = "c", Limit = 1000 }, Token).Items;
        Assert.Equal(
            oracle.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => (pair.Key, pair.Value)),
            items.Select(item => (item.Id, Encoding.UTF8.GetString(item.Payload!.Value.Span))));
        Assert.Equal(oracle.Count, reopened.Contents.Count);
    }

    [Fact]
    public async Task Search_WhileAnItemIsUpdated_SeesItOnceAlways()
    {
        await using OpenShard shard = await OpenAsync();
        for (int i = 0; i < 30; i++)
        {
            await shard.WriteAsync(Upsert($"{i:D2}", i), Token);
        }

        bool done = false;
        Task writer = Task.Run(
            async () =>
            {
                for (int i = 0; i < 300; i++)
                {
                    await shard.WriteAsync(Upsert("07", 1000 + i), Token);
                }

                Volatile.Write(ref done, true);
            },
            Token);
        int searches = 0;
        while (!Volatile.Read(ref done) || searches == 0)
        {
            ShardSearchAnswer answer = shard.Contents.Search(
                new ShardSearch { Incarnation = Definition.Incarnation, Vector = Vector(1), K = 30, Ef = 64, Exact = searches++ % 2 == 0 }, Token);
            Assert.Equal(30, answer.Hits.Select(hit => hit.Id).Distinct().Count());
            Assert.Equal(30, answer.Hits.Length);
        }

        await writer;
    }

    [Fact]
    public async Task Search_EqualScores_AreOrderedByIdAndCutByIt()
    {
        await using OpenShard shard = await OpenAsync();
        foreach (string id in new[] { "d", "b", "a", "c" })
        {
            await shard.WriteAsync(Upsert(id, 3), Token);
        }

        ShardSearchAnswer answer = shard.Contents.Search(
            new ShardSearch { Incarnation = Definition.Incarnation, Vector = Vector(3), K = 3, Ef = 64 }, Token);

        Assert.Equal(["a", "b", "c"], answer.Hits.Select(hit => hit.Id));
    }

    [Fact]
    public async Task Write_ForAnotherIncarnationModelOrDimension_IsRefusedBeforeTheLog()
    {
        await using OpenShard shard = await OpenAsync();
        await TestSilos.FailsAsync(ErrorCode.Conflict, () => shard.WriteAsync(Upsert("a") with { Incarnation = Guid.NewGuid() }, Token));
        await TestSilos.FailsAsync(ErrorCode.DimensionMismatch, () => shard.WriteAsync(Upsert("a") with { ModelSha256 = "m" }, Token));
        await TestSilos.FailsAsync(
            ErrorCode.DimensionMismatch,
            () => shard.WriteAsync(
                Upsert("a") with { Upserts = [new ShardItem { Id = "a", Vector = EmbeddingVector.From([1f]) }] }, Token));
        Assert.Equal(1, (await shard.WriteAsync(Upsert("a"), Token)).Lsn);
    }

    [Fact]
    public void Decode_ARecordCutAnywhere_IsCorruptAndNeverAccepted()
    {
        byte[] record = WriteRecord.Encode(Upsert("编号", 9) with { Deletes = ["x", "y"] });
        ShardWrite whole = WriteRecord.Decode(record, "c/0", 1);
        Assert.Equal(("编号", 2), (whole.Upserts[0].Id, whole.Deletes.Length));
        for (int length = 0; length < record.Length; length++)
        {
            ClusterException exception = Assert.Throws<ClusterException>(() => WriteRecord.Decode(record.AsMemory(0, length), "c/0", 1));
            Assert.Equal(ErrorCode.Corrupt, exception.Code);
        }

        Assert.Equal(ErrorCode.Corrupt, Assert.Throws<ClusterException>(() => WriteRecord.Decode((byte[])[.. record, 0], "c/0", 1)).Code);
    }

    private static string[] Ids(OpenShard shard) =>
        [.. shard.Contents.Scroll(new ScrollQuery { Collection = "c", Limit = 1000 }, Token).Items.Select(item => item.Id)];

    private static ShardWrite Upsert(string id, int seed = 0) => new()
    {
        OperationId = Guid.NewGuid(),
        Incarnation = Definition.Incarnation,
        Upserts = [new ShardItem { Id = id, Vector = Vector(seed), Payload = Encoding.UTF8.GetBytes($"{seed}") }],
    };

    private static EmbeddingVector Vector(int seed)
    {
        Random random = new(seed);
        float[] values = [.. Enumerable.Range(0, Dimension).Select(_ => (float)(random.NextDouble() - 0.5))];
        float norm = MathF.Sqrt(values.Sum(value => value * value));
        return EmbeddingVector.From([.. values.Select(value => value / norm)]);
    }

    private Task<OpenShard> OpenAsync() => OpenShard.OpenAsync(
        new ShardHost(_storage, _snapshots, new LearningOptions(), TimeProvider.System, NullLogger.Instance), Definition, 0, Token);
}
