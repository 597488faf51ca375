using System.Globalization;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Collections;
using ChineseClip.Grains.Concurrency;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Gateway;
using ChineseClip.Grains.Placement;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace ChineseClip.Grains.Shards;

/// <summary>Serves one copy of a shard that follows its log: reads only, and none that is older than allowed.</summary>
[Reentrant, KeepAlive, Immovable, OnRole(SiloRoles.Shards), SpreadEvenly, GrainType("shard-reader")]
internal sealed class ShardReaderGrain(
    SiloStorage storage, CollectionStore collections, SearchPool search, ILocalSiloDetails silo, TimeProvider time,
    IOptions<SearchOptions> options, ILogger<ShardReaderGrain> logger)
    : Grain, IShardReaderGrain, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private string _collection = "";
    private int _ordinal;
    private int _replica;
    private Task<ShardReplica> _opening = null!;
    private ContentsCalls _calls = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string key = this.GetPrimaryKeyString();
        string[] parts = key.Split('/');
        if (parts.Length != 3
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out _ordinal)
            || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out _replica))
        {
            throw new ClusterException(ErrorCode.InvalidInput, $"The reader \"{key}\" must be collection/ordinal/replica.");
        }

        _collection = parts[0];
        _calls = new ContentsCalls(search.Pool, key);
        _opening = Task.Run(OpenAsync, CancellationToken.None);
        _ = StopWhenLostAsync();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await ((Task)_opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (_opening.IsCompletedSuccessfully)
        {
            ShardReplica replica = await _opening;
            await Task.Run(async () => await replica.DisposeAsync(), CancellationToken.None);
        }
    }

    public void Dispose() => _stopping.Dispose();

    public async Task<ShardState> DescribeAsync(CancellationToken cancellationToken)
    {
        ShardState state = new()
        {
            Collection = _collection,
            Ordinal = _ordinal,
            Replica = _replica,
            Status = ShardStatus.Loading,
            Silo = silo.SiloAddress.ToString(),
        };
        if (!_opening.IsCompleted)
        {
            return state;
        }

        ShardReplica replica = await _opening;
        long unlinkedCount = replica.Contents.UnlinkedCount;
        return state with
        {
            Status = unlinkedCount > 0 ? ShardStatus.Rebuilding : ShardStatus.Ready,
            ItemCount = replica.Contents.Count,
            UnlinkedCount = unlinkedCount,
            Epoch = replica.Contents.Epoch,
            Lsn = replica.Contents.Lsn,
            MemoryBytes = replica.Contents.MemoryBytes,
            Lag = replica.Lag,
        };
    }

    public async Task<ShardSearchAnswer> SearchAsync(ShardSearch search, CancellationToken cancellationToken)
    {
        ShardReplica replica = await FreshAsync(cancellationToken);
        if ((search.ModelSha256 is not null && search.ModelSha256 != replica.Definition.ModelSha256)
            || search.Vector.Length != replica.Definition.Dimension)
        {
            throw _calls.Stopping();    // the primary is the one to say what is wrong
        }

        return await _calls.SearchAsync(replica.Contents.Search, search, cancellationToken);
    }

    public async Task<StoredItem[]> GetAsync(GetItems query, CancellationToken cancellationToken)
    {
        ShardReplica replica = await FreshAsync(cancellationToken);
        return await _calls.RunAsync(_ => replica.Contents.Get(query), cancellationToken);
    }

    public async Task<ScrollPage> ScrollAsync(ScrollQuery query, CancellationToken cancellationToken)
    {
        ShardReplica replica = await FreshAsync(cancellationToken);
        return await _calls.RunAsync(token => replica.Contents.Scroll(query, token), cancellationToken);
    }

    public async Task<long> CountAsync(CountQuery query, CancellationToken cancellationToken)
    {
        ShardReplica replica = await FreshAsync(cancellationToken);
        return await _calls.RunAsync(token => replica.Contents.CountMatching(query.Filter, token), cancellationToken);
    }

    public async Task<FacetAnswer> FacetsAsync(FacetQuery query, CancellationToken cancellationToken)
    {
        ShardReplica replica = await FreshAsync(cancellationToken);
        return await _calls.RunAsync(token => replica.Contents.Facets(query, token), cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        DeactivateOnIdle();
    }

    public Task HandOverAsync(SiloAddress target, CancellationToken cancellationToken)
    {
        logger.ShardMoves(this.GetPrimaryKeyString(), target.ToString());
        RequestContext.Set(IPlacementDirector.PlacementHintKey, target);
        MigrateOnIdle();
        return Task.CompletedTask;
    }

    private async Task<ShardReplica> OpenAsync()
    {
        try
        {
            CollectionDefinition definition = await collections.FindAsync(_collection, _stopping.Token)
                ?? throw new ClusterException(ErrorCode.NotFound, $"The collection \"{_collection}\" does not exist.");
            if (_ordinal >= definition.Shards || _replica < 1 || _replica >= definition.Replicas)
            {
                throw new ClusterException(
                    ErrorCode.NotFound, $"The collection \"{_collection}\" has no reader {_ordinal}/{_replica}.");
            }

            ShardHost host = new(storage.Shards, new SnapshotOptions(), new LearningOptions(), time, logger);
            ShardReplica replica = await ShardReplica.OpenAsync(host, definition, _ordinal, _stopping.Token);
            logger.ReplicaReady(this.GetPrimaryKeyString(), replica.Contents.Count, replica.Contents.Lsn);
            return replica;
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or ClusterException { Code: ErrorCode.NotFound }))
        {
            logger.ShardFailed(exception, this.GetPrimaryKeyString());
            throw;
        }
    }

    // On the grain's own scheduler: what is lost makes way for a new activation.
    private async Task StopWhenLostAsync()
    {
        await ((Task)_opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (_opening.IsCompletedSuccessfully)
        {
            await (await _opening).Lost.WaitAsync(_stopping.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        DeactivateOnIdle();
    }

    private async Task<ShardReplica> FreshAsync(CancellationToken cancellationToken)
    {
        try
        {
            ShardReplica replica = await _opening.WaitAsync(ContentsCalls.LongestWait, cancellationToken);
            (Guid? incarnation, long lsn) = ReadPromise.Get();
            if (incarnation is not null && incarnation != replica.Definition.Incarnation)
            {
                DeactivateOnIdle();    // this copy is of a collection that is gone
                throw _calls.Stopping();
            }

            await replica.ReachAsync(lsn, cancellationToken);
            TimeSpan lag = replica.Lag;
            return lag <= options.Value.MaxReplicaLag && !replica.Lost.IsCompleted
                ? replica
                : throw new ClusterException(
                    ErrorCode.ShardUnavailable,
                    FormattableString.Invariant(
                        $"The reader {this.GetPrimaryKeyString()} may be {lag.TotalSeconds:0.0} s behind; at most {options.Value.MaxReplicaLag.TotalSeconds:0.0} s are allowed."));
        }
        catch (TimeoutException)
        {
            throw new ClusterException(ErrorCode.ShardUnavailable, $"The reader {this.GetPrimaryKeyString()} is still loading.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw _calls.Stopping();
        }
    }
}
