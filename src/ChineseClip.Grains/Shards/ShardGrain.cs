using System.Diagnostics;
using System.Globalization;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Collections;
using ChineseClip.Grains.Concurrency;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Placement;
using ChineseClip.Grains.Shards.Snapshots;
using ChineseClip.Grains.Telemetry;
using ChineseClip.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;

namespace ChineseClip.Grains.Shards;

/// <summary>Serves one shard: opens it at activation, then lets calls interleave; <see cref="OpenShard"/> keeps the order of writes.</summary>
[Reentrant, KeepAlive, Immovable, OnRole(SiloRoles.Shards), SpreadEvenly, GrainType("shard")]
internal sealed class ShardGrain(
    SiloStorage storage, CollectionStore collections, SearchPool search, ILocalSiloDetails silo, TimeProvider time,
    IOptions<SnapshotOptions> snapshots, IOptions<LearningOptions> learning,
    ILogger<ShardGrain> logger)
    : Grain, IShardGrain, IDisposable
{
    private const int DeletesPerRecord = 1000;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>Damage does not heal by being read again, but a file may be put back.</summary>
    private static readonly TimeSpan DamageReadAgain = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private string _collection = "";
    private int _ordinal;
    private Task<OpenShard> _opening = null!;

    private bool IsDamaged => _opening.Exception?.InnerException
        is StorageException { Error: StorageError.Corrupt } or ClusterException { Code: ErrorCode.Corrupt };

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string key = this.GetPrimaryKeyString();
        int slash = key.LastIndexOf('/');
        if (slash < 0 || !int.TryParse(key.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _ordinal))
        {
            throw new ClusterException(ErrorCode.InvalidInput, $"The shard \"{key}\" must be collection/ordinal.");
        }

        _collection = key[..slash];

        // Reading a long log takes longer than an activation may: calls wait for it, and DescribeAsync tells of it.
        _opening = Task.Run(() => OpenAsync(key), CancellationToken.None);
        _ = MakeWayWhenOpeningFailedAsync();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await ((Task)_opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (_opening.IsCompletedSuccessfully)
        {
            OpenShard shard = await _opening;
            await Task.Run(() => shard.CloseAsync(cancellationToken), CancellationToken.None);
        }
    }

    public void Dispose() => _stopping.Dispose();

    public async Task<ShardState> OpenAsync(Guid incarnation, CancellationToken cancellationToken)
    {
        OpenShard shard = await ReadyAsync(Timeout.InfiniteTimeSpan, cancellationToken);
        CheckIdentity(shard, incarnation, null);
        return Describe(shard);
    }

    public async Task<ShardState> DescribeAsync(CancellationToken cancellationToken)
    {
        if (_opening.IsCompleted)
        {
            return Describe(await ReadyAsync(LongestWait, cancellationToken));
        }

        return State(ShardStatus.Loading);
    }

    public async Task<ShardWriteAnswer> WriteAsync(ShardWrite write, CancellationToken cancellationToken)
    {
        OpenShard shard = await ReadyAsync(LongestWait, cancellationToken);
        CheckIdentity(shard, write.Incarnation, write.ModelSha256);
        return await WriteAsync(shard, write, cancellationToken);
    }

    public async Task<ShardSearchAnswer> SearchAsync(ShardSearch search, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        OpenShard shard = await ReadyAsync(search.Timeout, cancellationToken);
        CheckIdentity(shard, search.Incarnation, search.ModelSha256);
        shard.CheckVector(search.Vector);
        using Activity? activity = GrainsTelemetry.Activities.StartActivity("shard.search");
        activity?.SetTag("shard", this.GetPrimaryKeyString());
        ShardSearchAnswer answer = await RunAsync(
            token => shard.Search(search, token), search.Timeout, cancellationToken);
        activity?.SetTag("visited", answer.VisitedCount)?.SetTag("scored", answer.ScoredCount);
        GrainsTelemetry.ShardSearchSeconds.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        GrainsTelemetry.VisitedNodes.Record(answer.VisitedCount);
        return answer;
    }

    public async Task<StoredItem[]> GetAsync(GetItems query, CancellationToken cancellationToken)
    {
        OpenShard shard = await ReadyAsync(LongestWait, cancellationToken);
        return await RunAsync(_ => shard.Contents.Get(query), LongestWait, cancellationToken);
    }

    public async Task<ScrollPage> ScrollAsync(ScrollQuery query, CancellationToken cancellationToken)
    {
        OpenShard shard = await ReadyAsync(LongestWait, cancellationToken);
        return await RunAsync(token => shard.Contents.Scroll(query, token), LongestWait, cancellationToken);
    }

    public async Task<long> CountAsync(CountQuery query, CancellationToken cancellationToken)
    {
        OpenShard shard = await ReadyAsync(LongestWait, cancellationToken);
        return await RunAsync(token => shard.Contents.CountMatching(query.Filter, token), LongestWait, cancellationToken);
    }

    public async Task<FacetAnswer> FacetsAsync(FacetQuery query, CancellationToken cancellationToken)
    {
        OpenShard shard = await ReadyAsync(LongestWait, cancellationToken);
        return await RunAsync(token => shard.Contents.Facets(query, token), LongestWait, cancellationToken);
    }

    public async Task<long> DeleteByFilterAsync(DeleteByFilter items, CancellationToken cancellationToken)
    {
        OpenShard shard = await ReadyAsync(LongestWait, cancellationToken);
        string[] ids = await RunAsync(token => shard.Contents.FindIds(items.Filter, token), LongestWait, cancellationToken);
        long deletedCount = 0;
        foreach (string[] chunk in ids.Chunk(DeletesPerRecord))
        {
            ShardWrite write = new()
            {
                OperationId = Guid.NewGuid(),
                Incarnation = shard.Definition.Incarnation,
                Deletes = chunk,
            };
            deletedCount += (await WriteAsync(shard, write, cancellationToken)).Deleted.Count(deleted => deleted);
        }

        return deletedCount;
    }

    public async Task<ShardSnapshot> SnapshotAsync(Guid incarnation, string partOf, CancellationToken cancellationToken)
    {
        OpenShard shard = await ReadyAsync(LongestWait, cancellationToken);
        CheckIdentity(shard, incarnation, null);
        SnapshotDescription taken = await Task.Run(() => shard.SnapshotAsync(partOf, cancellationToken), cancellationToken);
        return new ShardSnapshot
        {
            Ordinal = _ordinal,
            Id = taken.Id,
            Lsn = taken.Lsn,
            Epoch = taken.Epoch,
            Bytes = taken.Bytes,
            ItemCount = long.Parse(taken.Properties[SnapshotProperties.ItemCount], CultureInfo.InvariantCulture),
        };
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        DeactivateOnIdle();
    }

    private async Task<ShardWriteAnswer> WriteAsync(OpenShard shard, ShardWrite write, CancellationToken cancellationToken)
    {
        try
        {
            ShardWriteAnswer answer = await shard.WriteAsync(write, cancellationToken);
            GrainsTelemetry.ItemsWritten.Add(answer.Upserts.Length);
            return answer;
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or ClusterException))
        {
            logger.AppendFailed(exception, this.GetPrimaryKeyString());
            throw;
        }
        finally
        {
            if (shard.IsLost)
            {
                logger.ShardFenced(this.GetPrimaryKeyString());
                DeactivateOnIdle();
            }
        }
    }

    private async Task<OpenShard> OpenAsync(string key)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            CollectionDefinition definition = await collections.FindAsync(_collection, _stopping.Token)
                ?? throw new ClusterException(ErrorCode.NotFound, $"The collection \"{_collection}\" does not exist.");
            if (_ordinal >= definition.Shards)
            {
                throw new ClusterException(
                    ErrorCode.NotFound, $"The collection \"{_collection}\" has {definition.Shards} shards; there is no {_ordinal}.");
            }

            ShardHost host = new(storage.Shards, snapshots.Value, learning.Value, time, logger);
            OpenShard shard = await OpenShard.OpenAsync(host, definition, _ordinal, _stopping.Token);
            logger.ShardReady(
                key, shard.Contents.Count, shard.Epoch, shard.Contents.Lsn, (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            return shard;
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or ClusterException { Code: ErrorCode.NotFound }))
        {
            logger.ShardFailed(exception, key);
            throw;
        }
    }

    // The calls that waited get the error; the next one gets a new activation, which tries anew. A damaged shard gives its error
    // to all calls for a while, or every probe would read the whole log again.
    private async Task MakeWayWhenOpeningFailedAsync()
    {
        await ((Task)_opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (IsDamaged)
        {
            await Task.Delay(DamageReadAgain, time, _stopping.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        if (!_opening.IsCompletedSuccessfully)
        {
            DeactivateOnIdle();
        }
    }

    private async Task<OpenShard> ReadyAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            OpenShard shard = await _opening.WaitAsync(timeout, cancellationToken);
            return shard.IsLost ? throw Stopping() : shard;
        }
        catch (TimeoutException)
        {
            throw new ClusterException(
                ErrorCode.ShardUnavailable, $"The shard {this.GetPrimaryKeyString()} is still reading its log.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw Stopping();
        }
        catch when (_opening.IsFaulted && !IsDamaged)
        {
            DeactivateOnIdle();    // before the caller hears of it, so that its next call does not come here
            throw;
        }
    }

    private void CheckIdentity(OpenShard shard, Guid incarnation, string? modelSha256)
    {
        try
        {
            shard.CheckIdentity(incarnation, modelSha256);
        }
        catch (ClusterException exception) when (exception.Code == ErrorCode.Conflict)
        {
            DeactivateOnIdle();    // this activation may be the one that is out of date
            throw;
        }
    }

    private async Task<T> RunAsync<T>(Func<CancellationToken, T> work, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        CancellationToken token = limit.Token;
        try
        {
            return await search.Pool.RunAsync(() => work(token), token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClusterException(
                ErrorCode.Timeout, $"The shard {this.GetPrimaryKeyString()} did not finish within {timeout}.");
        }
        catch (ObjectDisposedException)
        {
            throw Stopping();
        }
    }

    private ClusterException Stopping() =>
        new(ErrorCode.ShardUnavailable, $"The shard {this.GetPrimaryKeyString()} is stopping; ask again.");

    private ShardState Describe(OpenShard shard) => State(
        shard.Contents.UnlinkedCount > 0 ? ShardStatus.Rebuilding : ShardStatus.Ready) with
    {
        ItemCount = shard.Contents.Count,
        UnlinkedCount = shard.Contents.UnlinkedCount,
        Learning = shard.Learning,
        SnapshotLsn = shard.Snapshot?.Lsn,
        SnapshotAt = shard.Snapshot?.CreatedAt,
        Epoch = shard.Epoch,
        Lsn = shard.Contents.Lsn,
        MemoryBytes = shard.Contents.MemoryBytes,
    };

    private ShardState State(ShardStatus status) => new()
    {
        Collection = _collection,
        Ordinal = _ordinal,
        Status = status,
        Silo = silo.SiloAddress.ToString(),
        QueuedSearches = search.Pool.Depth,
    };
}
