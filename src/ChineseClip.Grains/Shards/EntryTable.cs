using ChineseClip.Vectors;

namespace ChineseClip.Grains.Shards;

/// <summary>The entries of a shard by id, by slot and by ordinal in the graph.</summary>
/// <remarks>Threads: one writer, or many readers.  A slot is given to another entry as soon as it is free.</remarks>
internal sealed class EntryTable
{
    private readonly Dictionary<string, ShardEntry> _byId;
    private readonly SortedSet<string> _sortedIds;
    private readonly List<ShardEntry?> _bySlot;
    private readonly List<ShardEntry?> _byOrdinal = [];
    private readonly Stack<int> _freeSlots = new();

    public EntryTable()
    {
        _byId = new Dictionary<string, ShardEntry>(StringComparer.Ordinal);
        _sortedIds = new SortedSet<string>(StringComparer.Ordinal);
        _bySlot = [];
    }

    /// <summary>Takes linked entries that are sorted by id and whose slots are 0, 1, 2, ….</summary>
    public EntryTable(IReadOnlyList<ShardEntry> sorted)
    {
        _byId = new Dictionary<string, ShardEntry>(sorted.Count, StringComparer.Ordinal);
        _bySlot = new List<ShardEntry?>(sorted.Count);
        string[] ids = new string[sorted.Count];
        for (int slot = 0; slot < ids.Length; slot++)
        {
            ShardEntry entry = sorted[slot];
            ids[slot] = entry.Id;
            _byId.Add(entry.Id, entry);
            _bySlot.Add(entry);
            Live.Add(slot);
            SetOrdinal(entry);
        }

        _sortedIds = new SortedSet<string>(ids, StringComparer.Ordinal);
    }

    public int Count => _byId.Count;

    /// <summary>Slots ever used; more than <see cref="Count"/> when some are free.</summary>
    public int SlotCount => _bySlot.Count;

    /// <summary>The slots that have an entry.</summary>
    public OrdinalSet Live { get; } = new();

    public ShardEntry? Find(string id) => _byId.GetValueOrDefault(id);

    public ShardEntry? AtSlot(int slot) => _bySlot[slot];

    /// <summary>The entry whose vector is there; null while a vector has none yet, or no more.</summary>
    public ShardEntry? AtOrdinal(int ordinal) => ordinal < _byOrdinal.Count ? _byOrdinal[ordinal] : null;

    /// <summary>The entries now, by slot; null where a slot is free.</summary>
    public ShardEntry?[] BySlot() => [.. _bySlot];

    public ShardEntry Add(string id, int row, ReadOnlyMemory<byte>? payload)
    {
        if (!_freeSlots.TryPop(out int slot))
        {
            slot = _bySlot.Count;
            _bySlot.Add(null);
        }

        ShardEntry entry = new(id, slot, row, payload);
        _byId.Add(id, entry);
        _sortedIds.Add(id);
        _bySlot[slot] = entry;
        Live.Add(slot);
        SetOrdinal(entry);
        return entry;
    }

    public ShardEntry? Remove(string id)
    {
        if (!_byId.Remove(id, out ShardEntry? entry))
        {
            return null;
        }

        _sortedIds.Remove(id);
        _bySlot[entry.Slot] = null;
        _freeSlots.Push(entry.Slot);
        Live.Remove(entry.Slot);
        if (entry.IsLinked)
        {
            _byOrdinal[entry.Row] = null;
        }

        return entry;
    }

    /// <summary>The vector of an entry has come into the graph.</summary>
    public void Link(ShardEntry entry, int ordinal)
    {
        entry.Row = ordinal;
        SetOrdinal(entry);
    }

    /// <summary>The ids behind the cursor, in ordinal order.</summary>
    public IEnumerable<string> IdsAfter(string? cursor)
    {
        if (cursor is null || _sortedIds.Count == 0)
        {
            return _sortedIds;
        }

        return string.CompareOrdinal(cursor, _sortedIds.Max) >= 0
            ? []
            : _sortedIds.GetViewBetween(cursor, _sortedIds.Max!).Where(id => !string.Equals(id, cursor, StringComparison.Ordinal));
    }

    private void SetOrdinal(ShardEntry entry)
    {
        if (!entry.IsLinked)
        {
            return;
        }

        while (_byOrdinal.Count <= entry.Row)
        {
            _byOrdinal.Add(null);
        }

        _byOrdinal[entry.Row] = entry;
    }
}
