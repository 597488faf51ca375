using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Shards;
using ChineseClip.Grains.Tests.Fakes;
using ChineseClip.Storage;
using ChineseClip.Storage.Postgres;
using ChineseClip.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.TestingHost;

namespace ChineseClip.Grains.Tests;

[Trait("Category", "Server")]
public sealed class ReplicaTests : IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("chineseclip-replica-");
    private PostgresServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (PostgresServer.MissingReason is { } reason)
        {
            Assert.False(Environment.GetEnvironmentVariable("CI") is "true" or "1", reason);
            Assert.Skip(reason);
        }

        _server = await PostgresServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Search_ThePrimarysSiloIsKilled_IsAnsweredThroughoutAndWritesResume()
    {
        await using TestSilos silos = await TestSilos.StartAsync(
            null, null, new() { ["Cluster:BalanceAfter"] = "00:00:00.5" }, true, OpenAsync, "gateway,inference", "shards", "shards", "shards");
        await silos.Cluster.WaitForLivenessToStabilizeAsync();

        // The silo that asks stays, whichever of them it is: what is looked at is what becomes of the shards.
        IGrainFactory gateway = silos.Cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>();
        await gateway.Collections().CreateAsync(
            new CreateCollection { Name = "c", Model = FakeModel.ModelName, Shards = 3, Replicas = 2 }, Token);
        await PutAsync(gateway, 0, 60);
        CollectionDescription description = await FollowingAsync(gateway, 60);
        Assert.All(description.Readers, reader => Assert.NotEqual(
            description.Shards[reader.Ordinal].Silo, reader.Silo));
        InProcessSiloHandle victim = silos.Cluster.Silos.Skip(1).OfType<InProcessSiloHandle>()
            .First(silo => description.Shards.Any(shard => shard.Silo == silo.SiloAddress.ToString()));

        using CancellationTokenSource done = new();
        Task<int> searching = SearchAsync(gateway, done.Token);
        string? refused = null;
        await silos.Cluster.KillSiloAsync(victim, Token);
        await UntilAsync(
            async () =>
            {
                ItemOutcome[] outcomes = await gateway.Ingest().PutAsync(Items(60, 80), Token);
                refused = outcomes.FirstOrDefault(outcome => outcome.Error is not null)?.Error?.Message;
                return refused is null;
            },
            () => $"writes resume ({refused})");
        await FollowingAsync(gateway, 80);
        await done.CancelAsync();

        Assert.True(await searching > 0);    // every one of them was answered by all shards
        Assert.Equal(80, await gateway.Items().CountAsync(new CountQuery { Collection = "c" }, Token));
    }

    [Fact]
    public async Task Replica_FollowsTheLogThroughSnapshotsAndTruncation()
    {
        await using IShardStorage storage = await OpenAsync(Token);
        SnapshotOptions snapshots = new() { AfterItems = 20, Interval = TimeSpan.Zero };
        ShardHost host = new(storage, snapshots, new LearningOptions(), TimeProvider.System, NullLogger.Instance);
        await using OpenShard primary = await OpenShard.OpenAsync(host, Definition, 0, Token);
        await WriteAsync(primary, 0, 50);
        await primary.SnapshotAsync(null, Token);
        await using ShardReplica replica = await ShardReplica.OpenAsync(host, Definition, 0, Token);
        Assert.Equal(50, replica.Contents.Count);
        await WriteAsync(primary, 50, 120);
        await primary.SnapshotAsync(null, Token);
        await replica.ReachAsync(120, Token).WaitAsync(Bound, Token);
        Assert.Equal(120, replica.Contents.Count);
        Assert.Equal(primary.Epoch, replica.Contents.Epoch);
        ShardSearch search = new() { Incarnation = Definition.Incarnation, Vector = Vector(77), K = 5, Ef = 200 };
        Assert.Equal(
            primary.Contents.Search(search, Token).Hits.Select(hit => (hit.Id, hit.Lsn)),
            replica.Contents.Search(search, Token).Hits.Select(hit => (hit.Id, hit.Lsn)));
    }

    [Fact]
    public async Task Primary_AnotherSiloTakesItsLease_StopsAnsweringAndCannotWrite()
    {
        await using IShardStorage here = await OpenAsync(Token);
        await using IShardStorage there = await OpenAsync(Token);
        await using OpenShard stale = await OpenShard.OpenAsync(Host(here), Definition, 0, Token);
        await WriteAsync(stale, 0, 5);
        await stale.ConfirmLeaseAsync();
        Assert.False(stale.IsLost);

        await using OpenShard owner = await OpenShard.OpenAsync(Host(there), Definition, 0, Token);
        await WriteAsync(owner, 5, 6);

        await stale.Lost.WaitAsync(Bound, Token);    // without any write of its own
        Assert.False(owner.IsLost);
        await Assert.ThrowsAnyAsync<Exception>(() => WriteAsync(stale, 6, 7));
        Assert.Equal(6, owner.Contents.Count);

        static ShardHost Host(IShardStorage storage) =>
            new(storage, new SnapshotOptions(), new LearningOptions(), TimeProvider.System, NullLogger.Instance);
    }

    private static CollectionDefinition Definition { get; } = new()
    {
        Name = "c",
        Dimension = FakeModel.Dimension,
        Shards = 1,
        Replicas = 2,
        M = 8,
        EfConstruction = 64,
        Quantization = "sq7",
        CreatedAt = DateTimeOffset.UnixEpoch,
        Incarnation = Guid.Parse("11111111-2222-3333-4444-555555555555"),
    };

    private static EmbeddingVector Vector(int i) => EmbeddingVector.From(FakeModel.Embed($"item {i}"));

    private static async Task WriteAsync(OpenShard shard, int from, int to)
    {
        for (int i = from; i < to; i++)
        {
            ShardWrite write = new()
            {
                OperationId = Guid.NewGuid(),
                Incarnation = Definition.Incarnation,
                Upserts = [new ShardItem { Id = $"{i:D3}", Vector = Vector(i) }],
            };
            await shard.WriteAsync(write, Token);
        }
    }

    private static PutItems Items(int from, int to) => new()
    {
        Collection = "c",
        Items = [.. Enumerable.Range(from, to - from).Select(i => new PutItem { Id = $"{i:D3}", Text = $"item {i}" })],
        Timeout = TimeSpan.FromSeconds(5),
    };

    private static async Task PutAsync(IGrainFactory gateway, int from, int to)
    {
        ItemOutcome[] outcomes = await gateway.Ingest().PutAsync(Items(from, to), Token);
        Assert.All(outcomes, outcome => Assert.True(outcome.Status == ItemStatus.Created, outcome.Error?.Message));
    }

    // Until primaries and readers have so many items, on silos that live.
    private static async Task<CollectionDescription> FollowingAsync(IGrainFactory gateway, int count)
    {
        CollectionDescription description = null!;
        await UntilAsync(
            async () =>
            {
                description = await gateway.Collections().DescribeAsync("c", Token);
                return description.Shards.Sum(shard => shard.ItemCount) == count
                    && description.Readers.Length == 3
                    && description.Readers.Sum(reader => reader.ItemCount) == count
                    && description.Readers.All(reader => reader.Silo != description.Shards[reader.Ordinal].Silo);
            },
            () => $"all copies have {count} items");
        return description;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds, Func<string> what)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(Bound);
        Exception? last = null;    // a silo has just died
        while (true)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (Exception exception) when (exception is ClusterException or OrleansException or TimeoutException)
            {
                last = exception;
            }

            Assert.False(limit.IsCancellationRequested, $"{what()}: not within {Bound}; last {last}");
            await Task.Delay(50, Token);
        }
    }

    private static async Task<int> SearchAsync(IGrainFactory gateway, CancellationToken done)
    {
        int count = 0;
        while (!done.IsCancellationRequested)
        {
            SearchAnswer answer = await gateway.Search().SearchAsync(
                new SearchQuery { Collection = "c", Text = "item 7", Timeout = TimeSpan.FromSeconds(10) }, Token);
            Assert.Equal(("007", 3), (answer.Hits[0].Id, answer.ShardsAnswered));
            count++;
        }

        return count;
    }

    private async Task<IShardStorage> OpenAsync(CancellationToken cancellationToken) => await PostgresShardStorage.OpenAsync(
        new PostgresStorageOptions
        {
            ConnectionString = _server.ConnectionString,
            CacheDirectory = Path.Combine(_directory.FullName, Guid.NewGuid().ToString("N")),
        },
        cancellationToken);
}
