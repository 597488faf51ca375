using ChineseClip.Abstractions;
using ChineseClip.Grains.Collections;
using ChineseClip.Grains.Shards.Fields;
using ChineseClip.Grains.Shards.Snapshots;
using ChineseClip.Vectors;

namespace ChineseClip.Grains.Shards;

/// <summary>What a shard holds: the vectors, and for each of them the id and the payload.</summary>
/// <remarks>
/// Threads: one writer, many readers. A reader holds the lock from its first look at the index to its last look at the
/// entries. The writer adds a vector without the lock (the new row has no entry yet, so readers leave it out) and takes it
/// only to switch an id from the old row to the new one. So a reader sees an update whole: the old item or the new one,
/// never both, never neither; and a row is never given to another item while a reader that found it is at work.
/// Vectors that come by <see cref="Stage"/> are not in the graph at first: searches compare each of them, until
/// <see cref="LinkSome"/>, which may run beside the writer, has brought them all in.
/// </remarks>
internal sealed class ShardContents : IDisposable
{
    // Rows found beyond K: one may be without an entry yet, and equal scores at the end are cut by id and not by row.
    private const int SpareHits = 16;

    private readonly ReaderWriterLockSlim _lock = new();
    private readonly Lock _columnBuilding = new();
    private readonly HnswIndex _index;
    private readonly EntryTable _entries;
    private readonly FreshRows _fresh;
    private readonly FieldColumns _columns = new();
    private readonly int _ordinal;
    private long _lsn;
    private bool _disposed;

    public ShardContents(CollectionDefinition definition, int ordinal, long epoch)
        : this(ordinal, epoch, new HnswIndex(CollectionRules.IndexParameters(definition)), new EntryTable(), lsn: 0)
    {
    }

    /// <summary>Takes what a snapshot holds; <paramref name="index"/> is disposed with it.</summary>
    public ShardContents(int ordinal, long epoch, HnswIndex index, EntryTable entries, long lsn)
    {
        _ordinal = ordinal;
        _index = index;
        _entries = entries;
        _fresh = new FreshRows(index.Dimension);
        _lsn = lsn;
        Epoch = epoch;
    }

    /// <summary>The graph and its vectors; for what works on them beside reads and writes.</summary>
    public HnswIndex Index => _index;

    /// <summary>The same items with their vectors from elsewhere, none of them linked.</summary>
    /// <param name="definition">The collection.</param>
    /// <param name="ordinal">The shard.</param>
    /// <param name="epoch">The lease.</param>
    /// <param name="lsn">The newest record that the items contain.</param>
    /// <param name="items">Each item with the ordinal of its vector, and its vector.</param>
    public static ShardContents Unlinked(
        CollectionDefinition definition, int ordinal, long epoch, long lsn, IEnumerable<(ShardEntry Entry, float[] Vector)> items)
    {
        ShardContents contents = new(definition, ordinal, epoch);
        foreach ((ShardEntry entry, float[] vector) in items)
        {
            ShardItem item = new() { Id = entry.Id, Vector = EmbeddingVector.From(vector), Payload = entry.Payload };
            contents.Upsert(item, vector, isStaged: true);
        }

        contents._lsn = lsn;
        return contents;
    }

    /// <summary>The lease of the log that is applied now.</summary>
    public long Epoch { get; set; }

    /// <summary>The newest record applied.</summary>
    public long Lsn => Interlocked.Read(ref _lsn);

    public int Count => Read(() => _entries.Count);

    /// <summary>Vectors that are not in the graph yet.</summary>
    public int UnlinkedCount => Read(() => _fresh.Count);

    public long MemoryBytes => Read(() => _index.MemoryBytes + _fresh.MemoryBytes + _columns.MemoryBytes);

    /// <summary>Applies a record: upserts in order, then deletes.</summary>
    public ShardWriteAnswer Apply(long lsn, ShardWrite write) => Apply(lsn, write, isStaged: false);

    /// <summary>Applies a record without linking its vectors into the graph: much faster, and searches are slower until they are linked.</summary>
    public ShardWriteAnswer Stage(long lsn, ShardWrite write) => Apply(lsn, write, isStaged: true);

    /// <summary>Brings staged vectors into the graph.</summary>
    /// <param name="count">How many at most.</param>
    /// <param name="threads">How many threads link them.</param>
    /// <param name="cancellationToken">Ends it; what was linked stays.</param>
    /// <returns>How many remain.</returns>
    public int LinkSome(int count, int threads, CancellationToken cancellationToken)
    {
        (ShardEntry Entry, float[] Vector)[] chosen = Read(() => Array.ConvertAll(
            _fresh.First(count), entry => (entry, _fresh.Vector(~entry.Row).ToArray())));
        if (chosen.Length == 0)
        {
            return UnlinkedCount;
        }

        int dimension = _index.Dimension;
        float[] rows = new float[chosen.Length * dimension];
        for (int i = 0; i < chosen.Length; i++)
        {
            chosen[i].Vector.CopyTo(rows.AsSpan(i * dimension));
        }

        int[] ordinals = new int[chosen.Length];
        Array.Fill(ordinals, -1);
        try
        {
            _index.AddRange(rows, ordinals, new BulkBuildOptions { Threads = threads }, cancellationToken);
        }
        finally
        {
            Write(() => Link(Array.ConvertAll(chosen, row => row.Entry), ordinals));
        }

        return UnlinkedCount;
    }

    /// <summary>The contents as they are now, to be written while they change. For the writer only, and when all is linked.</summary>
    /// <returns>Null while vectors are not in the graph yet.</returns>
    public ShardImage? Capture(IReadOnlyList<KeyValuePair<Guid, ShardWriteAnswer>> operations) => Read(() => _fresh.Count > 0
        ? null
        : new ShardImage(_index.BeginSnapshot(), [.. _entries.BySlot().OfType<ShardEntry>()], operations, Lsn));

    public ShardSearchAnswer Search(ShardSearch search, CancellationToken cancellationToken) => Filtered(
        search.Filter, slots => Search(search, slots, cancellationToken), cancellationToken);

    public StoredItem[] Get(GetItems query) => Read(() => query.Ids
        .Select(_entries.Find)
        .OfType<ShardEntry>()
        .Select(entry => ToItem(entry, query.WithPayload, query.WithVector))
        .ToArray());

    /// <summary>A page in the order of ids; one item more than asked tells that there is a next page.</summary>
    public ScrollPage Scroll(ScrollQuery query, CancellationToken cancellationToken) => Filtered(query.Filter, slots =>
    {
        List<StoredItem> items = new(query.Limit);
        string? next = null;
        foreach (string id in _entries.IdsAfter(query.Cursor))
        {
            cancellationToken.ThrowIfCancellationRequested();
            ShardEntry entry = _entries.Find(id)!;
            if (slots is not null && !slots.Contains(entry.Slot))
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
    }, cancellationToken);

    public long CountMatching(FilterClause? clause, CancellationToken cancellationToken) =>
        Filtered(clause, slots => slots?.Count ?? _entries.Count, cancellationToken);

    public string[] FindIds(FilterClause clause, CancellationToken cancellationToken) => Filtered(clause, slots =>
    {
        OrdinalSet chosen = slots ?? _entries.Live;
        List<string> ids = new(chosen.Count);
        for (int slot = chosen.NextAtLeast(0); slot >= 0; slot = chosen.NextAtLeast(slot + 1))
        {
            ids.Add(_entries.AtSlot(slot)!.Id);
        }

        return ids.ToArray();
    }, cancellationToken);

    /// <summary>How many items have each value of a field; an item with a value twice counts once.</summary>
    public FacetAnswer Facets(FacetQuery query, CancellationToken cancellationToken)
    {
        EnsureColumns([query.Field], cancellationToken);
        return Filtered(query.Filter, slots =>
        {
            Dictionary<FilterValue, long> counts = [];
            CountValues(query.Field, slots ?? _entries.Live, (values, count) =>
            {
                foreach (FilterValue value in values.Values)
                {
                    counts[value] = counts.GetValueOrDefault(value) + count;
                }
            });
            return new FacetAnswer
            {
                Facets = [.. counts.Select(pair => new FacetCount { Value = pair.Key, Count = pair.Value })],
            };
        }, cancellationToken);
    }

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

    private bool Link(ShardEntry[] entries, int[] ordinals)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            if (ordinals[i] < 0)
            {
                continue;    // cancelled before its turn
            }

            if (!entries[i].IsLinked && ReferenceEquals(_entries.AtSlot(entries[i].Slot), entries[i]))
            {
                _fresh.Remove(~entries[i].Row);
                _entries.Link(entries[i], ordinals[i]);
            }
            else
            {
                _index.Remove(ordinals[i]);    // updated or deleted meanwhile
            }
        }

        return true;
    }

    private ShardWriteAnswer Apply(long lsn, ShardWrite write, bool isStaged)
    {
        ItemStatus[] upserts = new ItemStatus[write.Upserts.Length];
        float[] vector = new float[_index.Dimension];
        for (int i = 0; i < upserts.Length; i++)
        {
            write.Upserts[i].Vector.CopyTo(vector);
            upserts[i] = Upsert(write.Upserts[i], vector, isStaged);
        }

        bool[] deleted = Array.ConvertAll(write.Deletes, id => Write(() => Forget(id)));
        Interlocked.Exchange(ref _lsn, lsn);
        return new ShardWriteAnswer { Upserts = upserts, Deleted = deleted, Epoch = Epoch, Lsn = lsn };
    }

    private ItemStatus Upsert(ShardItem item, float[] vector, bool isStaged)
    {
        if (isStaged)
        {
            VectorMath.ThrowIfNotUnit(vector, _index.Dimension);
        }

        int ordinal = isStaged ? 0 : _index.Add(vector);
        ReadOnlyMemory<byte>? owned = item.Payload is { } payload ? payload.ToArray() : default(ReadOnlyMemory<byte>?);
        return Write(() =>
        {
            bool existed = Forget(item.Id);
            int row = isStaged ? ~_fresh.Add(vector) : ordinal;
            ShardEntry entry = _entries.Add(item.Id, row, owned);
            if (isStaged)
            {
                _fresh.Own(~row, entry);
            }

            _columns.Set(entry.Slot, owned);
            return existed ? ItemStatus.Updated : ItemStatus.Created;
        });
    }

    private bool Forget(string id)
    {
        if (_entries.Remove(id) is not { } entry)
        {
            return false;
        }

        if (entry.IsLinked)
        {
            _index.Remove(entry.Row);
        }
        else
        {
            _fresh.Remove(~entry.Row);
        }

        _columns.Set(entry.Slot, null);
        return true;
    }

    private ShardSearchAnswer Search(ShardSearch search, OrdinalSet? slots, CancellationToken cancellationToken)
    {
        int wanted = (int)Math.Min((long)search.K + search.ExcludedIds.Length + SpareHits, (long)_entries.Count + SpareHits);
        if (_entries.Count == 0 || slots is { Count: 0 })
        {
            return new ShardSearchAnswer { Hits = [], Epoch = Epoch, Lsn = Lsn };
        }

        float[] query = search.Vector.ToArray();
        List<(ShardEntry Entry, float Score)> hits = _fresh.Count == 0
            ? []
            : _fresh.Scan(query, wanted, slots, cancellationToken);
        SearchStatistics statistics = default;
        if (_index.Count > 0)
        {
            ScoredOrdinal[] found = new ScoredOrdinal[wanted];
            OrdinalSet? ordinals = slots is null ? null : ToOrdinals(slots);
            statistics = search.Exact
                ? _index.SearchExact(query, found, ordinals, cancellationToken)
                : _index.Search(query, Math.Max(search.Ef, wanted), found, ordinals, cancellationToken);
            foreach (ScoredOrdinal hit in found.AsSpan(0, statistics.Found))
            {
                if (_entries.AtOrdinal(hit.Ordinal) is { } entry)
                {
                    hits.Add((entry, hit.Score));
                }
            }
        }

        return new ShardSearchAnswer
        {
            Hits = ToHits(hits, search),
            VisitedCount = statistics.VisitedCount,
            ScoredCount = statistics.ScoredCount + _fresh.Count,
            Epoch = Epoch,
            Lsn = Lsn,
        };
    }

    private OrdinalSet ToOrdinals(OrdinalSet slots)
    {
        OrdinalSet ordinals = new(_entries.SlotCount);
        for (int slot = slots.NextAtLeast(0); slot >= 0; slot = slots.NextAtLeast(slot + 1))
        {
            ShardEntry entry = _entries.AtSlot(slot)!;
            if (entry.IsLinked)
            {
                ordinals.Add(entry.Row);
            }
        }

        return ordinals;
    }

    private SearchHit[] ToHits(List<(ShardEntry Entry, float Score)> hits, ShardSearch search) => hits
        .Where(hit => !search.ExcludedIds.Contains(hit.Entry.Id) && !(hit.Score < search.MinScore))
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

    // Runs "work" with the slots that pass the filter, or with null when all do.
    private T Filtered<T>(FilterClause? clause, Func<OrdinalSet?, T> work, CancellationToken cancellationToken)
    {
        if (clause is null or { IsEmpty: true })
        {
            return Read(() => work(null));
        }

        FilterPlan plan = new(clause);
        EnsureColumns(plan.Fields, cancellationToken);
        return Read(() =>
        {
            OrdinalSet slots = plan.Evaluate(_entries, _columns, cancellationToken);
            return work(slots.Count == _entries.Count ? null : slots);
        });
    }

    // A column is filled beside readers and the writer, from the entries as they were; then, under the lock, what has changed is put right.
    private void EnsureColumns(IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        if (Read(() => fields.All(field => _columns.Find(field) is not null)))
        {
            return;
        }

        lock (_columnBuilding)
        {
            foreach (string field in fields.Take(FieldColumns.DefaultCapacity))
            {
                if (Read(() => _columns.Find(field)) is not null)
                {
                    continue;
                }

                FieldColumn column = new(field);
                ShardEntry?[] entries = Read(_entries.BySlot);
                for (int slot = 0; slot < entries.Length; slot++)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    column.Set(slot, entries[slot]?.Payload);
                }

                Write(() =>
                {
                    for (int slot = 0; slot < _entries.SlotCount; slot++)
                    {
                        ShardEntry? entry = _entries.AtSlot(slot);
                        if (slot >= entries.Length || !ReferenceEquals(entry, entries[slot]))
                        {
                            column.Set(slot, entry?.Payload);
                        }
                    }

                    _columns.Add(column);
                    return true;
                });
            }
        }
    }

    private void CountValues(string field, OrdinalSet slots, Action<FieldValues, int> count)
    {
        if (_columns.Find(field) is { } column)
        {
            column.Count(slots, count);
            return;
        }

        string[] path = PayloadFields.Path(field);
        for (int slot = slots.NextAtLeast(0); slot >= 0; slot = slots.NextAtLeast(slot + 1))
        {
            count(PayloadFields.Read(_entries.AtSlot(slot)!.Payload, path), 1);
        }
    }

    private StoredItem ToItem(ShardEntry entry, bool withPayload, bool withVector) => new()
    {
        Id = entry.Id,
        Payload = withPayload ? entry.Payload : null,
        Vector = withVector ? Vector(entry) : null,
    };

    private EmbeddingVector Vector(ShardEntry entry)
    {
        if (!entry.IsLinked)
        {
            return EmbeddingVector.From(_fresh.Vector(~entry.Row));
        }

        float[] vector = new float[_index.Dimension];
        _index.GetVector(entry.Row, vector);
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

    private T Write<T>(Func<T> write)
    {
        _lock.EnterWriteLock();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return write();
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }
}
