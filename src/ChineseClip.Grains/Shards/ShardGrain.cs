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
using Orleans.Runtime.Placement;

namespace ChineseClip.Grains.Shards;

/// <summary>Serves one shard: opens it at activation, then lets calls interleave; <see cref="OpenShard"/> keeps the order of writes.</summary>
[Reentrant, KeepAlive, Immovable, OnRole(SiloRoles.Shards), SpreadEvenly, GrainType("shard")]
internal sealed class ShardGrain(
    SiloStorage storage, CollectionStore collections, SearchPool search, LocalShards local, ILocalSiloDetails silo, TimeProvider time,
    IOptions<SnapshotOptions> snapshots, IOptions<LearningOptions> learning, LearningTurns turns,
    ILogger<ShardGrain> logger)
    : Grain, IShardGrain, IDisposable
{
    private const int DeletesPerRecord = 1000;

    /// <summary>Damage does not heal by being read again, but a file may be put back.</summary>
    private static readonly TimeSpan DamageReadAgain = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private string _collection = "";
    private int _ordinal;
    private Task<OpenShard> _opening = null!;
    private ContentsCalls _calls = null!;

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
        _calls = new ContentsCalls(search.Pool, key);
        local.Add(this.AsReference<IShardGrain>(), key);

        // Reading a long log takes longer than an activation may: calls wait for it, and DescribeAsync tells of it.
        _opening = Task.Run(() => OpenAsync(key), CancellationToken.None);
        _ = MakeWayAsync();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        local.Remove(this.GetPrimaryKeyString());
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
            return Describe(await ReadyAsync(ContentsCalls.LongestWait, cancellationToken));
        }

        return State(ShardStatus.Loading);
    }

    public async Task<ShardWriteAnswer> WriteAsync(ShardWrite write, CancellationToken cancellationToken)
    {
        OpenShard shard = await ReadyAsync(ContentsCalls.LongestWait, cancellationToken);
        CheckIdentity(shard, write.Incarnation, write.ModelSha256);
        return await WriteAsync(shard, write, cancellationToken);
    }

    public async Task<ShardSearchAnswer> SearchAsync(ShardSearch search, CancellationToken cancellationToken)
    {
        OpenShard shard = await ReadyAsync(search.Timeout, cancellationToken);
        CheckIdentity(shard, search.Incarnation, search.ModelSha256);
        shard.CheckVector(search.Vector);
        return await _calls.SearchAsync(shard.Search, search, cancellationToken);
    }

    public async Task<StoredItem[]> GetAsync(GetItems query, CancellationToken cancellationToken)
    {
        OpenShard shard = await ReadyAsync(ContentsCalls.LongestWait, cancellationToken);
        return await _calls.RunAsync(_ => shard.Contents.Get(query), cancellationToken);
    }

    public async Task<ScrollPage> ScrollAsync(ScrollQuery query, CancellationToken cancellationToken)
    {
        OpenShard shard = await ReadyAsync(ContentsCalls.LongestWait, cancellationToken);
        return await _calls.RunAsync(token => shard.Contents.Scroll(query, token), cancellationToken);
    }

    public async Task<long> CountAsync(CountQuery query, CancellationToken cancellationToken)
    {
        OpenShard shard = await ReadyAsync(ContentsCalls.LongestWait, cancellationToken);
        return await _calls.RunAsync(token => shard.Contents.CountMatching(query.Filter, token), cancellationToken);
    }

    public async Task<FacetAnswer> FacetsAsync(FacetQuery query, CancellationToken cancellationToken)
    {
        OpenShard shard = await ReadyAsync(ContentsCalls.LongestWait, cancellationToken);
        return await _calls.RunAsync(token => shard.Contents.Facets(query, token), cancellationToken);
    }

    public async Task<long> DeleteByFilterAsync(DeleteByFilter items, CancellationToken cancellationToken)
    {
        OpenShard shard = await ReadyAsync(ContentsCalls.LongestWait, cancellationToken);
        string[] ids = await _calls.RunAsync(token => shard.Contents.FindIds(items.Filter, token), cancellationToken);
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
        OpenShard shard = await ReadyAsync(ContentsCalls.LongestWait, cancellationToken);
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

    public async Task HandOverAsync(SiloAddress target, CancellationToken cancellationToken)
    {
        if (_opening.IsCompletedSuccessfully)
        {
            // While it still serves: what the other silo has to read of the log is then short.
            OpenShard shard = await _opening;
            await Task.Run(() => shard.PrepareToMoveAsync(cancellationToken), cancellationToken);
        }

        logger.ShardMoves(this.GetPrimaryKeyString(), target.ToString());
        RequestContext.Set(IPlacementDirector.PlacementHintKey, target);
        MigrateOnIdle();
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

            ShardHost host = new(storage.Shards, snapshots.Value, learning.Value, time, logger) { LearningTurns = turns };
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
    private async Task MakeWayAsync()
    {
        await ((Task)_opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (IsDamaged)
        {
            await Task.Delay(DamageReadAgain, time, _stopping.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        if (_opening.IsCompletedSuccessfully)
        {
            OpenShard shard = await _opening;
            await shard.Lost.WaitAsync(_stopping.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            if (!shard.IsLost)
            {
                return;    // it stops for another reason
            }

            logger.ShardFenced(this.GetPrimaryKeyString());
        }

        DeactivateOnIdle();
    }

    private async Task<OpenShard> ReadyAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            OpenShard shard = await _opening.WaitAsync(timeout, cancellationToken);
            await shard.ConfirmLeaseAsync();
            return shard.IsLost ? throw _calls.Stopping() : shard;
        }
        catch (TimeoutException)
        {
            throw new ClusterException(
                ErrorCode.ShardUnavailable, $"The shard {this.GetPrimaryKeyString()} is still reading its log.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw _calls.Stopping();
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
