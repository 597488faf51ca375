using ChineseClip.Abstractions;
using ChineseClip.Grains.Shards;
using Orleans.Concurrency;

namespace ChineseClip.Grains.Gateway;

/// <summary>The stored items: each call goes to the shards that have them.</summary>
[StatelessWorker(1), Reentrant, GrainType("items")]
internal sealed class ItemsGrain(GatewayServices services) : Grain, IItemsGrain
{
    private const int MaxIds = 1024;
    private const int MaxPage = 1000;

    public async Task<StoredItem[]> GetAsync(GetItems query, CancellationToken cancellationToken)
    {
        CheckIds(query.Ids);
        return await services.Collections.UseAsync(
            query.Collection,
            async definition =>
            {
                StoredItem[][] found = await Task.WhenAll(ByShard(query.Ids, definition).Select(group =>
                    services.Reads.ReadAsync(
                        definition,
                        group.Key,
                        (shard, token) => shard.GetAsync(query with { Ids = [.. group] }, token),
                        cancellationToken)));
                Dictionary<string, StoredItem> byId = found.SelectMany(items => items)
                    .ToDictionary(item => item.Id, StringComparer.Ordinal);
                return query.Ids.Distinct(StringComparer.Ordinal).Where(byId.ContainsKey).Select(id => byId[id]).ToArray();
            },
            cancellationToken);
    }

    public async Task<DeleteAnswer> DeleteAsync(DeleteItems items, CancellationToken cancellationToken)
    {
        CheckIds(items.Ids);
        Guid operation = items.OperationId == Guid.Empty ? Guid.NewGuid() : items.OperationId;
        return await services.Collections.UseAsync(
            items.Collection,
            async definition =>
            {
                string[][] deleted = await Task.WhenAll(ByShard(items.Ids, definition).Select(async group =>
                {
                    string[] ids = [.. group];
                    ShardWrite write = new()
                    {
                        OperationId = Operations.Part(operation, 0, ids),
                        Incarnation = definition.Incarnation,
                        Deletes = ids,
                    };
                    ShardWriteAnswer answer = await GrainFactory.WriteAsync(definition, group.Key, write, services.Time, cancellationToken);
                    services.Reads.Acknowledge(definition, group.Key, answer.Lsn);
                    return ids.Where((_, i) => answer.Deleted[i]).ToArray();
                }));
                HashSet<string> gone = deleted.SelectMany(ids => ids).ToHashSet(StringComparer.Ordinal);
                return new DeleteAnswer
                {
                    DeletedCount = gone.Count,
                    DeletedIds = [.. items.Ids.Distinct(StringComparer.Ordinal).Where(gone.Contains)],
                };
            },
            cancellationToken);
    }

    public async Task<DeleteAnswer> DeleteByFilterAsync(DeleteByFilter items, CancellationToken cancellationToken)
    {
        if (items.Filter.IsEmpty)
        {
            throw InputRules.Invalid("The filter is empty and would delete everything; delete the collection instead.");
        }

        long[] counts = await services.Collections.UseAsync(
            items.Collection,
            definition => GrainFactory.CallAllAsync(definition, shard => shard.DeleteByFilterAsync(items, cancellationToken)),
            cancellationToken);
        return new DeleteAnswer { DeletedCount = counts.Sum() };
    }

    public async Task<ScrollPage> ScrollAsync(ScrollQuery query, CancellationToken cancellationToken)
    {
        InputRules.CheckRange(query.Limit, 1, MaxPage, "limit");
        ScrollPage[] pages = await services.Collections.UseAsync(
            query.Collection,
            definition => services.Reads.ReadAllAsync(definition, (shard, token) => shard.ScrollAsync(query, token), cancellationToken),
            cancellationToken);

        // Each shard gave its first items after the cursor, so the first of all of them are among these.
        StoredItem[] sorted = [.. pages.SelectMany(page => page.Items).OrderBy(item => item.Id, StringComparer.Ordinal)];
        bool hasMore = sorted.Length > query.Limit || pages.Any(page => page.NextCursor is not null);
        StoredItem[] items = sorted.Length > query.Limit ? sorted[..query.Limit] : sorted;
        return new ScrollPage { Items = items, NextCursor = hasMore ? items[^1].Id : null };
    }

    public async Task<long> CountAsync(CountQuery query, CancellationToken cancellationToken)
    {
        long[] counts = await services.Collections.UseAsync(
            query.Collection,
            definition => services.Reads.ReadAllAsync(definition, (shard, token) => shard.CountAsync(query, token), cancellationToken),
            cancellationToken);
        return counts.Sum();
    }

    public async Task<FacetAnswer> FacetsAsync(FacetQuery query, CancellationToken cancellationToken)
    {
        InputRules.CheckRange(query.Limit, 1, MaxPage, "limit");
        if (string.IsNullOrEmpty(query.Field))
        {
            throw InputRules.Invalid("field is empty; must name a field of the payload.");
        }

        FacetAnswer[] answers = await services.Collections.UseAsync(
            query.Collection,
            definition => services.Reads.ReadAllAsync(definition, (shard, token) => shard.FacetsAsync(query, token), cancellationToken),
            cancellationToken);
        return new FacetAnswer
        {
            Facets =
            [
                .. answers.SelectMany(answer => answer.Facets)
                    .GroupBy(facet => facet.Value)
                    .Select(group => new FacetCount { Value = group.Key, Count = group.Sum(facet => facet.Count) })
                    .OrderByDescending(facet => facet.Count)
                    .ThenBy(facet => facet.Value)
                    .Take(query.Limit),
            ],
        };
    }

    private static void CheckIds(string[] ids)
    {
        InputRules.CheckRange(ids.Length, 1, MaxIds, "The number of ids");
        for (int i = 0; i < ids.Length; i++)
        {
            InputRules.CheckId(ids[i], $"ids[{i}]");
        }
    }

    private static IEnumerable<IGrouping<int, string>> ByShard(string[] ids, CollectionDefinition definition) =>
        ids.Distinct(StringComparer.Ordinal).GroupBy(id => ShardOf.Id(id, definition.Shards));
}
