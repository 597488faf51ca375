using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Inference;
using ChineseClip.Grains.Placement;
using ChineseClip.Grains.Shards;
using ChineseClip.Storage;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace ChineseClip.Grains.Collections;

/// <summary>Creates, finds and deletes collections. The storage's version check is what makes a name unique.</summary>
/// <remarks>
/// A deletion first marks the definition (from then on nobody sees it), then stops the shards and removes their logs, then
/// removes the definition; one that was broken off is finished when this grain is activated again.
/// </remarks>
[Reentrant, OnRole(SiloRoles.Shards), GrainType("collections")]
internal sealed class CollectionsGrain(
    CollectionStore store, SiloStorage storage, EncoderChoice encoders, TimeProvider time, ILogger<CollectionsGrain> logger)
    : Grain, ICollectionsGrain
{
    private static readonly TimeSpan DescribeTimeout = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _beingCreated = new(StringComparer.Ordinal);

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (CollectionDocument document in await store.ListAsync(cancellationToken))
        {
            if (document.IsDeleting)
            {
                await RemoveAsync(document.Definition, cancellationToken);
            }
        }
    }

    public async Task<CollectionDefinition> CreateAsync(CreateCollection collection, CancellationToken cancellationToken)
    {
        CollectionRules.Check(collection, storage.Shards.AllowsReaders);
        if (await store.FindAsync(collection.Name, cancellationToken) is not null)
        {
            throw Exists(collection.Name);
        }

        if (await store.FindAliasAsync(collection.Name, cancellationToken) is { } alias)
        {
            throw new ClusterException(
                ErrorCode.Conflict, $"\"{alias.Alias}\" is an alias of the collection \"{alias.Collection}\"; a collection cannot have its name.");
        }

        EncoderState? model = collection.Model is { } name
            ? await encoders.Text(name).DescribeAsync(cancellationToken)
            : null;
        if (model is not null && collection.Dimension is { } dimension && dimension != model.Dimension)
        {
            throw new ClusterException(
                ErrorCode.DimensionMismatch,
                $"Dimension is {dimension}; the model \"{collection.Model}\" makes vectors of {model.Dimension}.");
        }

        CollectionDefinition definition = new()
        {
            Name = collection.Name,
            Model = collection.Model,
            ModelSha256 = model?.ModelSha256,
            Dimension = model?.Dimension ?? collection.Dimension!.Value,
            Shards = collection.Shards,
            Replicas = collection.Replicas,
            M = collection.M,
            EfConstruction = collection.EfConstruction,
            Quantization = collection.Quantization,
            Learns = collection.Learns,
            CreatedAt = time.GetUtcNow(),
            Incarnation = Guid.NewGuid(),
        };
        _beingCreated.Add(definition.Name);
        try
        {
            await store.AddAsync(definition, cancellationToken);
            logger.CollectionCreated(definition.Name, definition.Shards);
            await Task.WhenAll(ForEachShard(definition, shard => shard.OpenAsync(definition.Incarnation, cancellationToken)));
        }
        catch (StorageException exception) when (exception.Error == StorageError.Conflict)
        {
            throw Exists(collection.Name);
        }
        finally
        {
            _beingCreated.Remove(definition.Name);
        }

        return definition;
    }

    public async Task<CollectionDefinition[]> ListAsync(CancellationToken cancellationToken) =>
        [.. (await store.ListAsync(cancellationToken)).Where(document => !document.IsDeleting).Select(document => document.Definition)];

    public Task<CollectionDefinition?> FindAsync(string name, CancellationToken cancellationToken) =>
        store.ResolveAsync(name, cancellationToken);

    public async Task<CollectionDescription> DescribeAsync(string name, CancellationToken cancellationToken)
    {
        CollectionDefinition definition = await store.ResolveAsync(name, cancellationToken) ?? throw Missing(name);
        ShardState[] shards = await Task.WhenAll(Enumerable.Range(0, definition.Shards)
            .Select(ordinal => DescribeShardAsync(definition, ordinal, replica: 0, cancellationToken)));
        ShardState[] readers = await Task.WhenAll(
            from ordinal in Enumerable.Range(0, definition.Shards)
            from replica in Enumerable.Range(1, definition.Replicas - 1)
            select DescribeShardAsync(definition, ordinal, replica, cancellationToken));
        return new CollectionDescription
        {
            Readers = readers,
            IsBeingCreated = _beingCreated.Contains(definition.Name),
            Definition = definition,
            Shards = shards,
            Aliases = [.. (await AliasesOfAsync(definition.Name, cancellationToken)).Select(alias => alias.Alias)],
            ItemCount = shards.Sum(shard => shard.ItemCount),
            Status = shards.Any(shard => shard.Status == ShardStatus.Unavailable) ? CollectionStatus.Degraded
                : shards.Any(shard => shard.Status == ShardStatus.Loading) ? CollectionStatus.Loading
                : CollectionStatus.Ready,
        };
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        CollectionDefinition definition = await store.FindAsync(name, cancellationToken)
            ?? throw (await store.FindAliasAsync(name, cancellationToken) is { } known
                ? new ClusterException(
                    ErrorCode.Conflict, $"\"{name}\" is an alias; the collection \"{known.Collection}\" is deleted by its own name only.")
                : Missing(name));
        if (await AliasesOfAsync(name, cancellationToken) is [{ } alias, ..])
        {
            throw new ClusterException(
                ErrorCode.Conflict, $"The alias \"{alias.Alias}\" stands for the collection \"{name}\"; move or delete the alias first.");
        }

        await store.MarkDeletingAsync(definition, cancellationToken);
        await Task.WhenAll(ForEachShard(definition, shard => shard.StopAsync(cancellationToken)));
        await StopReadersAsync(GrainFactory, definition, cancellationToken);
        await RemoveAsync(definition, cancellationToken);
        logger.CollectionDeleted(name);
    }

    public async Task SetAliasAsync(AliasDescription alias, CancellationToken cancellationToken)
    {
        CollectionRules.CheckName(alias.Alias, "The alias");
        if (await store.FindAsync(alias.Alias, cancellationToken) is not null)
        {
            throw new ClusterException(ErrorCode.Conflict, $"\"{alias.Alias}\" is the name of a collection; an alias cannot have it.");
        }

        // By its own name: an alias of an alias would move unseen.
        CollectionDefinition target = await store.FindAsync(alias.Collection, cancellationToken) ?? throw Missing(alias.Collection);
        AliasDescription? before = await store.FindAliasAsync(alias.Alias, cancellationToken);
        await store.SetAliasAsync(alias, cancellationToken);
        logger.AliasSet(alias.Alias, target.Name);
        if (before is not null && before.Collection != alias.Collection)
        {
            await Task.Delay(CollectionCache.Lifetime, time, cancellationToken);    // until no gateway uses the old one
        }
    }

    public Task<AliasDescription[]> ListAliasesAsync(CancellationToken cancellationToken) => store.ListAliasesAsync(cancellationToken);

    public async Task DeleteAliasAsync(string alias, CancellationToken cancellationToken)
    {
        if (!await store.RemoveAliasAsync(alias, cancellationToken))
        {
            throw new ClusterException(ErrorCode.NotFound, $"The alias \"{alias}\" does not exist.");
        }

        await Task.Delay(CollectionCache.Lifetime, time, cancellationToken);
    }

    private async Task<AliasDescription[]> AliasesOfAsync(string collection, CancellationToken cancellationToken) =>
        [.. (await store.ListAliasesAsync(cancellationToken)).Where(alias => alias.Collection == collection)];

    private async Task RemoveAsync(CollectionDefinition definition, CancellationToken cancellationToken)
    {
        // With its snapshots, also those that were taken before it was restored from one.
        SnapshotDocuments documents = new(storage.Shards.Documents);
        CollectionSnapshot[] snapshots = await documents.ListAsync(definition.Name, cancellationToken);
        foreach (CollectionDefinition incarnation in snapshots.Select(snapshot => snapshot.Definition).Append(definition))
        {
            for (int ordinal = 0; ordinal < incarnation.Shards; ordinal++)
            {
                await storage.Shards.DeleteShardAsync(OpenShard.StorageKey(incarnation, ordinal), cancellationToken);
            }
        }

        foreach (CollectionSnapshot snapshot in snapshots)
        {
            await documents.RemoveAsync(snapshot, cancellationToken);
        }

        await store.RemoveAsync(definition.Name, cancellationToken);
    }

    private async Task<ShardState> DescribeShardAsync(
        CollectionDefinition definition, int ordinal, int replica, CancellationToken cancellationToken)
    {
        IShardReads shard = replica == 0
            ? GrainFactory.Shard(definition.Name, ordinal)
            : GrainFactory.ShardReader(definition.Name, ordinal, replica);
        try
        {
            return await shard.DescribeAsync(cancellationToken)
                .WaitAsync(DescribeTimeout, time, cancellationToken);
        }
        catch (Exception exception) when (exception is ClusterException or OrleansException or TimeoutException)
        {
            return new ShardState
            {
                Collection = definition.Name,
                Ordinal = ordinal,
                Replica = replica,
                Status = ShardStatus.Unavailable,
                Error = exception.Message,
            };
        }
    }

    private IEnumerable<Task> ForEachShard(CollectionDefinition definition, Func<IShardGrain, Task> call) =>
        Enumerable.Range(0, definition.Shards).Select(ordinal => call(GrainFactory.Shard(definition.Name, ordinal)));

    internal static Task StopReadersAsync(IGrainFactory grains, CollectionDefinition definition, CancellationToken cancellationToken) =>
        Task.WhenAll(
            from ordinal in Enumerable.Range(0, definition.Shards)
            from replica in Enumerable.Range(1, definition.Replicas - 1)
            select grains.ShardReader(definition.Name, ordinal, replica).StopAsync(cancellationToken));

    private static ClusterException Missing(string name) =>
        new(ErrorCode.NotFound, $"The collection \"{name}\" does not exist.");

    private static ClusterException Exists(string name) =>
        new(ErrorCode.Conflict, $"The collection \"{name}\" exists already.");
}
