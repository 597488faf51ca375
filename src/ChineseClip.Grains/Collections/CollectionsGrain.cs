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
        CollectionRules.Check(collection);
        if (await store.FindAsync(collection.Name, cancellationToken) is not null)
        {
            throw Exists(collection.Name);
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
            CreatedAt = time.GetUtcNow(),
            Incarnation = Guid.NewGuid(),
        };
        try
        {
            await store.AddAsync(definition, cancellationToken);
        }
        catch (StorageException exception) when (exception.Error == StorageError.Conflict)
        {
            throw Exists(collection.Name);
        }

        logger.CollectionCreated(definition.Name, definition.Shards);
        await Task.WhenAll(ForEachShard(definition, shard => shard.OpenAsync(definition.Incarnation, cancellationToken)));
        return definition;
    }

    public async Task<CollectionDefinition[]> ListAsync(CancellationToken cancellationToken) =>
        [.. (await store.ListAsync(cancellationToken)).Where(document => !document.IsDeleting).Select(document => document.Definition)];

    public Task<CollectionDefinition?> FindAsync(string name, CancellationToken cancellationToken) =>
        store.FindAsync(name, cancellationToken);

    public async Task<CollectionDescription> DescribeAsync(string name, CancellationToken cancellationToken)
    {
        CollectionDefinition definition = await RequireAsync(name, cancellationToken);
        ShardState[] shards = await Task.WhenAll(Enumerable.Range(0, definition.Shards)
            .Select(ordinal => DescribeShardAsync(definition, ordinal, cancellationToken)));
        return new CollectionDescription
        {
            Definition = definition,
            Shards = shards,
            ItemCount = shards.Sum(shard => shard.ItemCount),
            Status = shards.Any(shard => shard.Status == ShardStatus.Unavailable) ? CollectionStatus.Degraded
                : shards.Any(shard => shard.Status == ShardStatus.Loading) ? CollectionStatus.Loading
                : CollectionStatus.Ready,
        };
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        CollectionDefinition definition = await RequireAsync(name, cancellationToken);
        await store.MarkDeletingAsync(definition, cancellationToken);
        await Task.WhenAll(ForEachShard(definition, shard => shard.StopAsync(cancellationToken)));
        await RemoveAsync(definition, cancellationToken);
        logger.CollectionDeleted(name);
    }

    private async Task RemoveAsync(CollectionDefinition definition, CancellationToken cancellationToken)
    {
        for (int ordinal = 0; ordinal < definition.Shards; ordinal++)
        {
            await storage.Shards.DeleteShardAsync(OpenShard.StorageKey(definition, ordinal), cancellationToken);
        }

        await store.RemoveAsync(definition.Name, cancellationToken);
    }

    private async Task<ShardState> DescribeShardAsync(
        CollectionDefinition definition, int ordinal, CancellationToken cancellationToken)
    {
        try
        {
            return await GrainFactory.Shard(definition.Name, ordinal).DescribeAsync(cancellationToken)
                .WaitAsync(DescribeTimeout, time, cancellationToken);
        }
        catch (Exception exception) when (exception is ClusterException or OrleansException or TimeoutException)
        {
            return new ShardState
            {
                Collection = definition.Name,
                Ordinal = ordinal,
                Status = ShardStatus.Unavailable,
                Error = exception.Message,
            };
        }
    }

    private async Task<CollectionDefinition> RequireAsync(string name, CancellationToken cancellationToken) =>
        await store.FindAsync(name, cancellationToken)
            ?? throw new ClusterException(ErrorCode.NotFound, $"The collection \"{name}\" does not exist.");

    private IEnumerable<Task> ForEachShard(CollectionDefinition definition, Func<IShardGrain, Task> call) =>
        Enumerable.Range(0, definition.Shards).Select(ordinal => call(GrainFactory.Shard(definition.Name, ordinal)));

    private static ClusterException Exists(string name) =>
        new(ErrorCode.Conflict, $"The collection \"{name}\" exists already.");
}
