using System.Globalization;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Placement;
using ChineseClip.Grains.Shards;
using ChineseClip.Grains.Shards.Snapshots;
using ChineseClip.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace ChineseClip.Grains.Collections;

/// <summary>Takes, lists, restores and deletes snapshots of collections.</summary>
/// <remarks>
/// A restored collection is a new incarnation: its shards are made first, under names of their own, and then one document is written, which
/// makes them the collection. Whoever still writes to the old incarnation is refused, because its shards are fenced.
/// </remarks>
[Reentrant, OnRole(SiloRoles.Shards), GrainType("snapshots")]
internal sealed class SnapshotsGrain(
    CollectionStore store, SiloStorage storage, IOptions<SnapshotOptions> options, TimeProvider time, ILogger<SnapshotsGrain> logger)
    : Grain, ISnapshotsGrain
{
    private static readonly TimeSpan TakeOver = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);

    private SnapshotDocuments Documents => new(storage.Shards.Documents);

    public async Task<CollectionSnapshot> CreateAsync(string collection, CancellationToken cancellationToken)
    {
        CollectionDefinition definition = await RequireAsync(collection, cancellationToken);
        CollectionSnapshot begun = new()
        {
            Id = NewId(),
            Definition = definition,
            CreatedAt = time.GetUtcNow(),
            Shards = [],
        };
        await Documents.WriteAsync(begun, cancellationToken);
        try
        {
            ShardSnapshot[] shards = await Task.WhenAll(Enumerable.Range(0, definition.Shards).Select(
                ordinal => GrainFactory.Shard(definition.Name, ordinal).SnapshotAsync(definition.Incarnation, begun.Id, cancellationToken)));
            CollectionSnapshot taken = begun with { Shards = shards };
            await Documents.WriteAsync(taken, cancellationToken);
            logger.CollectionSnapshotTaken(definition.Name, taken.Id);
            return taken;
        }
        catch
        {
            await RemoveAsync(begun, CancellationToken.None);
            throw;
        }
    }

    public async Task<CollectionSnapshot[]> ListAsync(string collection, CancellationToken cancellationToken)
    {
        CollectionDefinition definition = await RequireAsync(collection, cancellationToken);
        CollectionSnapshot[] snapshots = await Documents.ListAsync(definition.Name, cancellationToken);
        return [.. snapshots.Where(snapshot => snapshot.Shards.Length > 0).OrderByDescending(snapshot => snapshot.CreatedAt)];
    }

    public async Task DeleteAsync(string collection, string id, CancellationToken cancellationToken) =>
        await RemoveAsync(await FindAsync(collection, id, cancellationToken), cancellationToken);

    public async Task<CollectionDefinition> RestoreAsync(
        string collection, string id, string? newName, CancellationToken cancellationToken)
    {
        CollectionSnapshot snapshot = await FindAsync(collection, id, cancellationToken);
        CollectionDefinition current = snapshot.Definition;
        bool isReplaced = newName is null || newName == current.Name;
        CollectionDefinition restored = isReplaced ? Restored(snapshot, current.Name) : await NewAsync(snapshot, newName!, cancellationToken);
        await FillAsync(
            restored,
            async (ordinal, use) =>
            {
                using OpenedSnapshot source = await storage.Shards.Snapshots.OpenAsync(
                    OpenShard.StorageKey(current, ordinal), snapshot.Shards[ordinal].Id, cancellationToken);
                await use(source.Directory);
            },
            cancellationToken);
        if (isReplaced)
        {
            CollectionDefinition replaced = await RequireAsync(current.Name, cancellationToken);
            await store.ReplaceAsync(restored, cancellationToken);
            await RetireAsync(replaced);
        }
        else
        {
            await AddAsync(restored, cancellationToken);
        }

        await OpenShardsAsync(restored, cancellationToken);
        logger.CollectionRestored(restored.Name, snapshot.Id);
        return restored;
    }

    public async Task<string> ExportAsync(string collection, string id, string folder, CancellationToken cancellationToken)
    {
        CollectionSnapshot snapshot = await FindAsync(collection, id, cancellationToken);
        string target = ExchangeFolder(folder);
        if (Directory.Exists(target))
        {
            throw new ClusterException(ErrorCode.Conflict, $"The folder \"{folder}\" exists already.");
        }

        await SnapshotExchange.ExportAsync(storage.Shards, snapshot, target, cancellationToken);
        return target;
    }

    public async Task<CollectionDefinition> ImportAsync(string folder, string newName, CancellationToken cancellationToken)
    {
        string source = ExchangeFolder(folder);
        CollectionSnapshot snapshot = await SnapshotExchange.ReadAsync(source, cancellationToken);
        CollectionDefinition imported = await NewAsync(snapshot, newName, cancellationToken);
        await FillAsync(imported, (ordinal, use) => use(SnapshotExchange.ShardDirectory(source, ordinal)), cancellationToken);
        await AddAsync(imported, cancellationToken);
        await OpenShardsAsync(imported, cancellationToken);
        logger.CollectionRestored(imported.Name, snapshot.Id);
        return imported;
    }

    private static CollectionDefinition Restored(CollectionSnapshot snapshot, string name) =>
        snapshot.Definition with { Name = name, Incarnation = Guid.NewGuid(), RestoredFrom = snapshot.Id };

    private async Task<CollectionDefinition> NewAsync(CollectionSnapshot snapshot, string name, CancellationToken cancellationToken)
    {
        CollectionRules.CheckName(name, "The new collection's name");
        if (await store.FindAsync(name, cancellationToken) is not null || await store.FindAliasAsync(name, cancellationToken) is not null)
        {
            throw new ClusterException(ErrorCode.Conflict, $"The collection or alias \"{name}\" exists already.");
        }

        return Restored(snapshot, name) with { CreatedAt = time.GetUtcNow() };
    }

    // Every shard is read through before the collection is there: a damaged snapshot is refused here and not when it is searched.
    private async Task FillAsync(
        CollectionDefinition definition, Func<int, Func<string, Task>, Task> withFiles, CancellationToken cancellationToken)
    {
        try
        {
            for (int i = 0; i < definition.Shards; i++)
            {
                int ordinal = i;
                await withFiles(ordinal, async directory =>
                {
                    await Task.Run(() => SnapshotLayout.Verify(directory), cancellationToken);
                    await using IShardLog log = await storage.Shards.OpenLogAsync(
                        OpenShard.StorageKey(definition, ordinal), cancellationToken);
                    await SnapshotCopy.PublishAsync(storage.Shards, directory, definition, ordinal, log.Epoch, cancellationToken);
                });
            }
        }
        catch
        {
            await DeleteShardsAsync(definition);
            throw;
        }
    }

    private async Task AddAsync(CollectionDefinition definition, CancellationToken cancellationToken)
    {
        try
        {
            await store.AddAsync(definition, cancellationToken);
        }
        catch (StorageException exception) when (exception.Error == StorageError.Conflict)
        {
            await DeleteShardsAsync(definition);
            throw new ClusterException(ErrorCode.Conflict, $"The collection \"{definition.Name}\" exists already.");
        }
    }

    // The old incarnation takes no more writes. Its snapshots stay while they are listed; its log is not needed any more.
    private async Task RetireAsync(CollectionDefinition replaced)
    {
        await Task.WhenAll(Enumerable.Range(0, replaced.Shards).Select(
            ordinal => GrainFactory.Shard(replaced.Name, ordinal).StopAsync(CancellationToken.None)));
        await CollectionsGrain.StopReadersAsync(GrainFactory, replaced, CancellationToken.None);
        CollectionSnapshot[] snapshots = await Documents.ListAsync(replaced.Name, CancellationToken.None);
        if (!snapshots.Any(snapshot => snapshot.Definition.Incarnation == replaced.Incarnation))
        {
            await DeleteShardsAsync(replaced);
            return;
        }

        for (int ordinal = 0; ordinal < replaced.Shards; ordinal++)
        {
            await using IShardLog log = await storage.Shards.OpenLogAsync(
                OpenShard.StorageKey(replaced, ordinal), CancellationToken.None);
            await log.TruncateAsync(log.LastLsn, CancellationToken.None);
        }
    }

    // An activation of the old incarnation may still be there; it makes way when it is asked for the new one.
    private Task OpenShardsAsync(CollectionDefinition definition, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, definition.Shards).Select(async ordinal =>
        {
            long start = time.GetTimestamp();
            while (true)
            {
                try
                {
                    await GrainFactory.Shard(definition.Name, ordinal).OpenAsync(definition.Incarnation, cancellationToken);
                    return;
                }
                catch (ClusterException exception) when (
                    exception.Code is ErrorCode.Conflict or ErrorCode.ShardUnavailable && time.GetElapsedTime(start) < TakeOver)
                {
                    await Task.Delay(BetweenTries, time, cancellationToken);
                }
            }
        }));

    private async Task RemoveAsync(CollectionSnapshot snapshot, CancellationToken cancellationToken)
    {
        await Documents.RemoveAsync(snapshot, cancellationToken);
        CollectionDefinition? current = await store.FindAsync(snapshot.Definition.Name, cancellationToken);
        CollectionSnapshot[] others = await Documents.ListAsync(snapshot.Definition.Name, cancellationToken);
        if (current?.Incarnation != snapshot.Definition.Incarnation
            && !others.Any(other => other.Definition.Incarnation == snapshot.Definition.Incarnation))
        {
            await DeleteShardsAsync(snapshot.Definition);
            return;
        }

        for (int ordinal = 0; ordinal < snapshot.Definition.Shards; ordinal++)
        {
            await SnapshotKeeper.TidyAsync(storage.Shards, snapshot.Definition, ordinal, cancellationToken);
        }
    }

    private async Task DeleteShardsAsync(CollectionDefinition definition)
    {
        for (int ordinal = 0; ordinal < definition.Shards; ordinal++)
        {
            await storage.Shards.DeleteShardAsync(OpenShard.StorageKey(definition, ordinal), CancellationToken.None);
        }
    }

    private async Task<CollectionSnapshot> FindAsync(string collection, string id, CancellationToken cancellationToken)
    {
        CollectionDefinition definition = await RequireAsync(collection, cancellationToken);
        return SnapshotExchange.IsName(id) && await Documents.FindAsync(definition.Name, id, cancellationToken) is { Shards.Length: > 0 } found
            ? found
            : throw new ClusterException(
                ErrorCode.NotFound, $"The collection \"{definition.Name}\" has no snapshot \"{id}\".");
    }

    private async Task<CollectionDefinition> RequireAsync(string collection, CancellationToken cancellationToken) =>
        await store.ResolveAsync(collection, cancellationToken)
            ?? throw new ClusterException(ErrorCode.NotFound, $"The collection \"{collection}\" does not exist.");

    private string ExchangeFolder(string folder)
    {
        if (options.Value.ExchangeDirectory is not { Length: > 0 } root)
        {
            throw new ClusterException(
                ErrorCode.Forbidden, "Snapshots:ExchangeDirectory is not set; snapshots are neither exported nor imported.");
        }

        return SnapshotExchange.IsName(folder)
            ? Path.Combine(Path.GetFullPath(root), folder)
            : throw new ClusterException(
                ErrorCode.InvalidInput,
                $"The folder is \"{folder}\"; must be 1..{SnapshotExchange.MaxNameLength} letters, digits, '-' and '_', below Snapshots:ExchangeDirectory.");
    }

    private string NewId() =>
        time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture) + "-" + Guid.NewGuid().ToString("N")[..8];
}
