using ChineseClip.Abstractions;
using ChineseClip.Grains.Collections;
using ChineseClip.Vectors;

namespace ChineseClip.Grains.Shards;

/// <summary>What a shard holds: the index, and for each of its rows the id and the payload.</summary>
/// <remarks>
/// Threads: one writer, many readers. A reader holds the lock from its first look at the index to its last look at the
/// entries. The writer adds a vector without the lock (the new row has no entry yet, so readers leave it out) and takes it
/// only to switch an id from the old row to the new one. So a reader sees an update whole: the old item or the new one,
/// never both, never neither; and a row is never given to another item while a reader that found it is at work.
/// </remarks>
internal sealed class ShardContents : IDisposable
{
    // Rows found beyond K: one may be without an entry yet, and equal scores at the end are cut by id and not by row.
    private const int SpareHits = 16;

    private readonly ReaderWriterLockSlim _lock = new();
    private readonly HnswIndex _index;
    private readonly Dictionary<string, ShardEntry> _byId = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _sortedIds = new(StringComparer.Ordinal);
    private readonly List<ShardEntry?> _byOrdinal = [];
    private readonly int _ordinal;
    private long _lsn;
    private bool _disposed;

    public ShardContents(CollectionDefinition definition, int ordinal, long epoch)
    {
        _ordinal = ordinal;
        Epoch = epoch;
        _index = new HnswIndex(new HnswParameters
        {
            Dimension = definition.Dimension,
            M = definition.M,
            EfConstruction = definition.EfConstruction,
            Quantization = CollectionRules.Quantization(definition.Quantization),
        });
    }

    /// <summary>The lease of the log that is applied now.</summary>
    public long Epoch { get; set; }

    /// <summary>The newest record applied.</summary>
    public long Lsn => Interlocked.Read(ref _lsn);

    public int Count => Read(() => _byId.Count);

    public long MemoryBytes => _index.MemoryBytes;

    /// <summary>Applies a record: upserts in order, then deletes.</summary>
    public ShardWriteAnswer Apply(long lsn, ShardWrite write)
    {
        ItemStatus[] upserts = new ItemStatus[write.Upserts.Length];
        float[] vector = new float[_index.Dimension];
        for (int i = 0; i < upserts.Length; i++)
        {
            write.Upserts[i].Vector.CopyTo(vector);
            upserts[i] = Upsert(write.Upserts[i], vector);
        }

        bool[] deleted = Array.ConvertAll(write.Deletes, Delete);
        Interlocked.Exchange(ref _lsn, lsn);
        return new ShardWriteAnswer { Upserts = upserts, Deleted = deleted, Epoch = Epoch, Lsn = lsn };
    }

    public ShardSearchAnswer Search(ShardSearch search, CancellationToken cancellationToken) => Read(() =>
    {
        OrdinalSet? filter = search.Filter is { IsEmpty: false } clause ? Matching(clause, cancellationToken) : null;
        int wanted = (int)Math.Min((long)search.K + search.ExcludedIds.Length + SpareHits, (long)_index.Count + SpareHits);
        if (_index.Count == 0 || filter is { Count: 0 })
        {
            return new ShardSearchAnswer { Hits = [] };
        }

        ScoredOrdinal[] found = new ScoredOrdinal[wanted];
        float[] query = search.Vector.ToArray();
        SearchStatistics statistics = search.Exact
            ? _index.SearchExact(query, found, filter, cancellationToken)
            : _index.Search(query, Math.Max(search.Ef, wanted), found, filter, cancellationToken);
        return new ShardSearchAnswer
        {
            Hits = ToHits(found.AsSpan(0, statistics.Found), search),
            VisitedCount = statistics.VisitedCount,
            ScoredCount = statistics.ScoredCount,
        };
    });

    public StoredItem[] Get(GetItems query) => Read(() => query.Ids
        .Select(id => _byId.GetValueOrDefault(id))
        .OfType<ShardEntry>()
        .Select(entry => ToItem(entry, query.WithPayload, query.WithVector))
        .ToArray());

    /// <summary>A page in the order of ids; one item more than asked tells that there is a next page.</summary>
    public ScrollPage Scroll(ScrollQuery query, CancellationToken cancellationToken) => Read(() =>
    {
        PayloadFilter? filter = query.Filter is { IsEmpty: false } clause ? new PayloadFilter(clause) : null;
        List<StoredItem> items = new(query.Limit);
        string? next = null;
        foreach (string id in IdsAfter(query.Cursor))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ShardEntry entry = _byId[id];
            if (filter is not null && !filter.Passes(entry))
            {
                continue;
            }

            if (items.Count == query.Limit)
            {
                next = items[^1].Id;
                break;
            }

            items.Add(ToItem(entry, query.WithPayload, query.WithVector));
        }

        return new ScrollPage { Items = [.. items], NextCursor = next };
    });

    public long CountMatching(FilterClause? clause, CancellationToken cancellationToken) => Read(() =>
        clause is { IsEmpty: false } ? Matching(clause, cancellationToken).Count : _byId.Count);

    public string[] FindIds(FilterClause clause, CancellationToken cancellationToken) => Read(() =>
    {
        OrdinalSet matching = Matching(clause, cancellationToken);
        return _byId.Values.Where(entry => matching.Contains(entry.Ordinal)).Select(entry => entry.Id).ToArray();
    });

    /// <summary>How many items have each value of a field; an item with a value twice counts once.</summary>
    public FacetAnswer Facets(FacetQuery query, CancellationToken cancellationToken) => Read(() =>
    {
        PayloadFilter? filter = query.Filter is { IsEmpty: false } clause ? new PayloadFilter(clause) : null;
        Dictionary<FilterValue, long> counts = [];
        foreach (ShardEntry entry in _byId.Values)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (filter is null || filter.Passes(entry))
            {
                foreach (FilterValue value in PayloadFields.Values(entry.Payload, query.Field))
                {
                    counts[value] = counts.GetValueOrDefault(value) + 1;
                }
            }
        }

        return new FacetAnswer
        {
            Facets = [.. counts.Select(pair => new FacetCount { Value = pair.Key, Count = pair.Value })],
        };
    });

    public void Dispose()
    {
        _lock.EnterWriteLock();
        try
        {
            if (!_disposed)
            {
                _disposed = true;
                _index.Dispose();
            }
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    private ItemStatus Upsert(ShardItem item, ReadOnlySpan<float> vector)
    {
        int ordinal = _index.Add(vector);
        ReadOnlyMemory<byte>? owned = item.Payload is { } payload ? payload.ToArray() : default(ReadOnlyMemory<byte>?);
        ShardEntry entry = new(item.Id, ordinal, owned);
        _lock.EnterWriteLock();
        try
        {
            bool existed = Forget(item.Id);
            while (_byOrdinal.Count <= ordinal)
            {
                _byOrdinal.Add(null);
            }

            _byOrdinal[ordinal] = entry;
            _byId[item.Id] = entry;
            _sortedIds.Add(item.Id);
            return existed ? ItemStatus.Updated : ItemStatus.Created;
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    private bool Delete(string id)
    {
        _lock.EnterWriteLock();
        try
        {
            return Forget(id);
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    private bool Forget(string id)
    {
        if (!_byId.Remove(id, out ShardEntry? entry))
        {
            return false;
        }

        _sortedIds.Remove(id);
        _byOrdinal[entry.Ordinal] = null;
        _index.Remove(entry.Ordinal);
        return true;
    }

    private SearchHit[] ToHits(ReadOnlySpan<ScoredOrdinal> found, ShardSearch search)
    {
        List<(ShardEntry Entry, float Score)> hits = new(found.Length);
        foreach (ScoredOrdinal hit in found)
        {
            if (hit.Ordinal < _byOrdinal.Count && _byOrdinal[hit.Ordinal] is { } entry
                && !search.ExcludedIds.Contains(entry.Id) && !(hit.Score < search.MinScore))
            {
                hits.Add((entry, hit.Score));
            }
        }

        return hits
            .OrderByDescending(hit => hit.Score)
            .ThenBy(hit => hit.Entry.Id, StringComparer.Ordinal)
            .Take(search.K)
            .Select(hit => new SearchHit
            {
                Id = hit.Entry.Id,
                Score = hit.Score,
                Payload = search.WithPayload ? hit.Entry.Payload : null,
                Vector = search.WithVector ? Vector(hit.Entry) : null,
                Shard = _ordinal,
                Epoch = Epoch,
                Lsn = Lsn,
            })
            .ToArray();
    }

    private OrdinalSet Matching(FilterClause clause, CancellationToken cancellationToken)
    {
        PayloadFilter filter = new(clause);
        OrdinalSet matching = new(_byOrdinal.Count);
        foreach (ShardEntry entry in filter.OnlyIds is { } ids
            ? ids.Select(id => _byId.GetValueOrDefault(id)).OfType<ShardEntry>()
            : _byId.Values)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (filter.Passes(entry))
            {
                matching.Add(entry.Ordinal);
            }
        }

        return matching;
    }

    private IEnumerable<string> IdsAfter(string? cursor)
    {
        if (cursor is null || _sortedIds.Count == 0)
        {
            return _sortedIds;
        }

        return string.CompareOrdinal(cursor, _sortedIds.Max) >= 0
            ? []
            : _sortedIds.GetViewBetween(cursor, _sortedIds.Max!).Where(id => !string.Equals(id, cursor, StringComparison.Ordinal));
    }

    private StoredItem ToItem(ShardEntry entry, bool withPayload, bool withVector) => new()
    {
        Id = entry.Id,
        Payload = withPayload ? entry.Payload : null,
        Vector = withVector ? Vector(entry) : null,
    };

    private EmbeddingVector Vector(ShardEntry entry)
    {
        float[] vector = new float[_index.Dimension];
        _index.GetVector(entry.Ordinal, vector);
        return EmbeddingVector.From(vector);
    }

    private T Read<T>(Func<T> read)
    {
        _lock.EnterReadLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return read();
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }
}
