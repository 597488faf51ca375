using ChineseClip.Vectors.Persistence;

namespace ChineseClip.Vectors.Graph;

/// <summary>Takes removed nodes out of the graph a little with every write, and gives their slots back.</summary>
/// <remarks>
/// A sweep goes once over all slots. States: idle → sweeping (its victims are the tombstones at its start) → waiting for readers
/// of an earlier epoch → idle. Invariant: behind the cursor no row leads to a victim; new edges lead to live nodes only. So at the
/// end no edge leads to a victim, and its slot is free once the readers who may have seen one are gone.
/// In the manner of FreshDiskANN (arXiv 2105.09613, Algorithm 4), spread over the writes.
/// </remarks>
internal sealed class TombstoneSweep(GraphStore store, GraphBuilder builder, ReaderEpochs epochs)
{
    private const int MinTombstoneCount = 32;
    private const int LivePerTombstone = 32;
    private const int SlotsPerStep = 32;

    private readonly List<int> _tombstones = [];
    private readonly List<int> _victims = [];
    private int _cursor = -1;
    private long _waitEpoch;

    /// <summary>Set when a sweep has ended: replaced edges may have been the only way to a node.</summary>
    public bool IsReachabilityInDoubt { get; set; }

    /// <summary>Nodes that are not live and yet met by searches.</summary>
    public int DeadCount => _tombstones.Count + _victims.Count;

    public void AddTombstone(int ordinal)
    {
        store.SetState(ordinal, NodeState.Tombstone);
        _tombstones.Add(ordinal);
    }

    /// <summary>Does the share of one write.</summary>
    public void Step<TSpace>(TSpace space, int liveCount) where TSpace : struct, IVectorSpace
    {
        if (_waitEpoch != 0)
        {
            FreeVictimsIfUnseen();
        }
        else if (_cursor >= 0)
        {
            Advance(space);
        }
        else if (_tombstones.Count > Math.Max(MinTombstoneCount, liveCount / LivePerTombstone))
        {
            Begin();
        }
    }

    /// <summary>Adds what is under way to a snapshot.</summary>
    public void Capture(SnapshotCapture capture)
    {
        capture.AddNumber("sweepCursor", _cursor);
        capture.AddNumber("sweepWaits", _waitEpoch != 0 ? 1 : 0);
        capture.AddList<int>("tombstones", [.. _tombstones]);
        capture.AddList<int>("victims", [.. _victims]);
    }

    public void Restore(SnapshotImage image)
    {
        _cursor = image.Number("sweepCursor", -1, store.SlotCount);
        _waitEpoch = image.Number("sweepWaits", 0, 1) == 1 ? epochs.Advance() : 0;
        _tombstones.AddRange(image.List<int>("tombstones"));
        _victims.AddRange(image.List<int>("victims"));
    }

    private void Begin()
    {
        _victims.AddRange(_tombstones);
        _tombstones.Clear();
        foreach (int victim in _victims)
        {
            store.SetState(victim, NodeState.Victim);
        }
        if (store.Entry.Ordinal >= 0 && store.State(store.Entry.Ordinal) != NodeState.Live)
        {
            store.Entry = HighestLive();
        }
        _cursor = 0;
    }

    private void Advance<TSpace>(TSpace space) where TSpace : struct, IVectorSpace
    {
        int end = Math.Min(_cursor + SlotsPerStep, store.SlotCount);
        for (; _cursor < end; _cursor++)
        {
            if (store.State(_cursor) is NodeState.Live or NodeState.Tombstone)
            {
                Repair(space, _cursor);
            }
        }
        if (_cursor == store.SlotCount)
        {
            _cursor = -1;
            IsReachabilityInDoubt = true;
            _waitEpoch = epochs.Advance();
            FreeVictimsIfUnseen();
        }
    }

    private void Repair<TSpace>(TSpace space, int ordinal) where TSpace : struct, IVectorSpace
    {
        for (int level = store.Node(ordinal).Level; level >= 0; level--)
        {
            builder.ReplaceVictims(space, ordinal, level);
        }
        ReadOnlySpan<int> extra = store.ExtraEdges(ordinal);
        Span<int> kept = stackalloc int[GraphStore.ExtraSlots];
        int pinned = store.Node(ordinal).PinnedEdgeCount;
        int keptPinned = 0;
        int count = 0;
        for (int i = 0; i < extra.Length; i++)
        {
            if (store.State(extra[i]) != NodeState.Victim)
            {
                kept[count++] = extra[i];
                keptPinned += i < pinned ? 1 : 0;
            }
        }
        if (count < extra.Length)
        {
            store.SetExtraEdges(ordinal, kept[..count], keptPinned);
        }
    }

    private void FreeVictimsIfUnseen()
    {
        if (!epochs.HasPassed(_waitEpoch))
        {
            return;
        }
        foreach (int victim in _victims)
        {
            store.FreeSlot(victim);
        }
        _victims.Clear();
        _waitEpoch = 0;
    }

    private (int Ordinal, int Level) HighestLive()
    {
        (int Ordinal, int Level) best = (-1, -1);
        for (int ordinal = 0; ordinal < store.SlotCount; ordinal++)
        {
            if (store.State(ordinal) == NodeState.Live && store.Node(ordinal).Level > best.Level)
            {
                best = (ordinal, store.Node(ordinal).Level);
            }
        }
        return best;
    }
}
