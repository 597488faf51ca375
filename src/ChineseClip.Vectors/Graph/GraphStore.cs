using System.Runtime.InteropServices;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Persistence;
using ChineseClip.Vectors.Quantization;

namespace ChineseClip.Vectors.Graph;

/// <summary>Entry point (-1 when there is none), its level, and the number of slots at one moment.</summary>
internal readonly record struct GraphSnapshot(int Entry, int EntryLevel, int SlotCount);

/// <summary>The memory of a graph: nodes, vectors, and edges of all levels. Knows layout and slots, nothing of search.</summary>
/// <remarks>
/// Layout of a row of edges: ordinals, ended by -1 or by the length of the row. Level 0: up to 2M edges of the graph, then up to
/// <see cref="ExtraSlots"/> extra ones: first the pinned, which keep nodes reachable, then the learned, the oldest first.
/// Threads: one writer, or several that write edges only, each under the lock of the row (<see cref="LockRow"/>). Readers
/// see a slot only through an edge or the entry point, both written after a fence that follows the writing of the slot, or by its ordinal
/// once its state is <see cref="NodeState.Live"/>, which is written after the same fence. A row rewritten while it is read may show old and
/// new edges together: each of them is a valid node.
/// </remarks>
internal sealed unsafe class GraphStore : IDisposable
{
    public const int ExtraSlots = LearningParameters.MaxEdgesPerNode;
    private const int SlotsPerCacheLine = 16;

    private readonly ChunkedRows _nodes;
    private readonly ChunkedRows _baseEdges;
    private readonly ChunkedRows _upperEdges;
    private readonly RowLocks _locks = new();
    private readonly Stack<int> _freeSlots = new();
    private readonly Dictionary<int, Stack<int>> _freeUpperRows = [];
    private int _upperRowCount;
    private int _slotCount;
    private long _entry = -1;

    public GraphStore(int dimension, int m, bool vectorsIn16Bits, WriteClock clock)
    {
        Dimension = dimension;
        M = m;
        Clock = clock;
        BaseRowSlots = RoundUp((2 * m) + ExtraSlots, SlotsPerCacheLine);
        Vectors = new FullVectors(dimension, vectorsIn16Bits, clock);
        _nodes = new ChunkedRows(sizeof(Node), clock);
        _baseEdges = new ChunkedRows(BaseRowSlots * sizeof(int), clock);
        _upperEdges = new ChunkedRows(RoundUp(m, SlotsPerCacheLine) * sizeof(int), clock);
    }

    public int Dimension { get; }

    public int M { get; }

    public int BaseRowSlots { get; }

    public FullVectors Vectors { get; }

    /// <summary>Time of the writes to all tables of the index.</summary>
    public WriteClock Clock { get; }

    /// <summary>Slots that exist in any state; ordinals are below it.</summary>
    public int SlotCount => Volatile.Read(ref _slotCount);

    public int FreeSlotCount => _freeSlots.Count;

    /// <summary>Node where every way down the levels starts, and its level; -1 when there is none.</summary>
    public (int Ordinal, int Level) Entry
    {
        get
        {
            long entry = Volatile.Read(ref _entry);
            return ((int)entry, (int)(entry >> 32));
        }
        set => Volatile.Write(ref _entry, ((long)value.Level << 32) | (uint)value.Ordinal);
    }

    /// <summary>What a search may touch. Taken before any view of rows: all slots below its count are in views taken later.</summary>
    public GraphSnapshot Snapshot()
    {
        (int entry, int level) = Entry;    // first: the entry point was published before it became one
        return new GraphSnapshot(entry, level, SlotCount);
    }

    public long MemoryBytes =>
        _nodes.BytesFor(_slotCount) + Vectors.BytesFor(_slotCount)
        + _baseEdges.BytesFor(_slotCount) + _upperEdges.BytesFor(_upperRowCount);

    public ChunkedRows.View BaseRows => _baseEdges.Rows;

    public ChunkedRows.View UpperRows => _upperEdges.Rows;

    public ref readonly Node Node(int ordinal) => ref *(Node*)_nodes.Rows[ordinal];

    public NodeState State(int ordinal) => (NodeState)Volatile.Read(ref *(byte*)&((Node*)_nodes.Rows[ordinal])->State);

    /// <summary>Starts fetching what <see cref="State"/> reads.</summary>
    public void PrefetchState(int ordinal) => RowPrefetch.Start(_nodes.Rows[ordinal], sizeof(Node));

    public int Capacity(int level) => level == 0 ? 2 * M : M;

    public int RowSlots(int level) => level == 0 ? BaseRowSlots : M;

    public int* Row(int ordinal, int level) => level == 0
        ? (int*)_baseEdges.Rows[ordinal]
        : (int*)_upperEdges.Rows[Node(ordinal).UpperRow + level - 1];

    /// <summary>Held while a row is changed that other threads may change, too: all levels of the ordinal.</summary>
    public RowLocks.Holder LockRow(int ordinal) => _locks.Enter(ordinal);

    /// <summary>The level-0 row as it is, to its end or a first -1; may change while it is read.</summary>
    public ReadOnlySpan<int> LevelZeroEdges(int ordinal) => new(Row(ordinal, 0), BaseRowSlots);

    /// <summary>Edges of level 0 that do not come and go with the queries: the graph's and the pinned.</summary>
    public int LastingEdgeCount(int ordinal) => Node(ordinal).BaseEdgeCount + Node(ordinal).PinnedEdgeCount;

    public ReadOnlySpan<int> LastingEdges(int ordinal) => new(Row(ordinal, 0), LastingEdgeCount(ordinal));

    /// <summary>Edges of a row without the extra ones.</summary>
    public ReadOnlySpan<int> GraphEdges(int ordinal, int level)
    {
        int* row = Row(ordinal, level);
        int count = level == 0 ? Node(ordinal).BaseEdgeCount : CountEdges(row, M);
        return new ReadOnlySpan<int>(row, count);
    }

    public ReadOnlySpan<int> ExtraEdges(int ordinal)
    {
        int* row = Row(ordinal, 0);
        int start = Node(ordinal).BaseEdgeCount;
        return new ReadOnlySpan<int>(row + start, CountEdges(row + start, Math.Min(ExtraSlots, BaseRowSlots - start)));
    }

    /// <summary>Takes a slot, in state Free and without edges: readers cannot reach it yet, and its vector is still to be written.</summary>
    public int AllocateSlot(int level)
    {
        if (!_freeSlots.TryPop(out int ordinal))
        {
            ordinal = _slotCount;
            _nodes.EnsureRows(ordinal + 1);
            Vectors.EnsureRows(ordinal + 1);
            _baseEdges.EnsureRows(ordinal + 1);
        }
        WritableNode(ordinal) = new Node { Level = (byte)level, UpperRow = AllocateUpperRows(level), State = NodeState.Free };
        for (int l = 0; l <= level; l++)
        {
            new Span<int>(WritableRow(ordinal, l), RowSlots(l)).Fill(-1);
        }
        return ordinal;
    }

    /// <summary>Counts a slot in, once all its rows (also those of codes) exist.</summary>
    public void PublishSlot(int ordinal)
    {
        if (ordinal == _slotCount)
        {
            Volatile.Write(ref _slotCount, ordinal + 1);
        }
    }

    /// <summary>Gives a slot back that no reader can reach any more.</summary>
    public void FreeSlot(int ordinal)
    {
        ref Node node = ref WritableNode(ordinal);
        node.State = NodeState.Free;
        if (node.Level > 0)
        {
            FreeUpperRows(node.Level).Push(node.UpperRow);
        }
        _freeSlots.Push(ordinal);
    }

    public void SetState(int ordinal, NodeState state) =>
        Volatile.Write(ref *(byte*)&((Node*)_nodes.Writable(ordinal))->State, (byte)state);

    /// <summary>Replaces the graph's edges of a row and keeps its extra ones.</summary>
    public void SetGraphEdges(int ordinal, int level, ReadOnlySpan<int> edges)
    {
        if (level > 0)
        {
            Overwrite(WritableRow(ordinal, level), M, edges, []);
            return;
        }
        Span<int> extra = stackalloc int[ExtraSlots];
        ReadOnlySpan<int> oldExtra = ExtraEdges(ordinal);
        oldExtra.CopyTo(extra);
        extra = extra[..oldExtra.Length];
        WritableNode(ordinal).BaseEdgeCount = (byte)edges.Length;
        Overwrite(WritableRow(ordinal, 0), BaseRowSlots, edges, extra);
    }

    /// <summary>Adds an edge learned from a query; the oldest one makes room when the node has <paramref name="atMost"/>.</summary>
    public EdgeChange AddLearnedEdge(int from, int to, int atMost)
    {
        ReadOnlySpan<int> extra = ExtraEdges(from);
        int pinned = Node(from).PinnedEdgeCount;
        int limit = Math.Min(ExtraSlots, pinned + atMost);
        if (GraphEdges(from, 0).Contains(to) || extra.Contains(to) || pinned == limit)
        {
            return EdgeChange.None;
        }
        bool isFull = extra.Length >= limit;
        Span<int> edges = stackalloc int[ExtraSlots];
        extra[..pinned].CopyTo(edges);
        ReadOnlySpan<int> kept = isFull ? extra[(pinned + 1)..] : extra[pinned..];
        kept.CopyTo(edges[pinned..]);
        edges[pinned + kept.Length] = to;
        SetExtraEdges(from, edges[..(pinned + kept.Length + 1)], pinned);
        return isFull ? EdgeChange.Replaced : EdgeChange.Added;
    }

    /// <summary>Leads to a node by an edge that stays; false when there is no room for one more such edge.</summary>
    public bool TryPinEdge(int from, int to)
    {
        ReadOnlySpan<int> extra = ExtraEdges(from);
        int pinned = Node(from).PinnedEdgeCount;
        if (GraphEdges(from, 0).Contains(to) || extra[..pinned].Contains(to))
        {
            return true;
        }
        if (pinned == ExtraSlots)
        {
            return false;
        }
        Span<int> edges = stackalloc int[ExtraSlots];
        extra[..pinned].CopyTo(edges);
        edges[pinned] = to;
        int count = pinned + 1;
        int firstKept = extra.Length == ExtraSlots && !extra.Contains(to) ? pinned + 1 : pinned;
        foreach (int edge in extra[firstKept..])
        {
            if (edge != to)
            {
                edges[count++] = edge;
            }
        }
        SetExtraEdges(from, edges[..count], pinned + 1);
        return true;
    }

    /// <summary>Replaces the extra edges of a level-0 row, of which the first are pinned.</summary>
    public void SetExtraEdges(int ordinal, ReadOnlySpan<int> edges, int pinnedCount)
    {
        int start = Node(ordinal).BaseEdgeCount;
        WritableNode(ordinal).PinnedEdgeCount = (byte)pinnedCount;
        Overwrite(WritableRow(ordinal, 0) + start, BaseRowSlots - start, edges, []);
    }

    /// <summary>Adds the graph as it is to a snapshot. Called by the writer.</summary>
    public void Capture(SnapshotCapture capture)
    {
        (int entry, int entryLevel) = Entry;
        capture.AddNumber("slotCount", _slotCount);
        capture.AddNumber("upperRowCount", _upperRowCount);
        capture.AddNumber("entry", entry);
        capture.AddNumber("entryLevel", entryLevel);
        capture.AddTable("nodes", _nodes, _slotCount);
        capture.AddTable("base-edges", _baseEdges, _slotCount);
        capture.AddTable("upper-edges", _upperEdges, _upperRowCount);
        Vectors.Capture(capture, _slotCount);
        capture.AddList<int>("freeSlots", [.. _freeSlots.Reverse()]);
        capture.AddList<(int, int)>(
            "freeUpperRows",
            [.. _freeUpperRows.OrderBy(rows => rows.Key).SelectMany(rows => rows.Value.Reverse().Select(row => (rows.Key, row)))]);
    }

    /// <summary>Takes a graph from a snapshot, into a store that is empty.</summary>
    public void Restore(SnapshotImage image)
    {
        RestoreVectors(image);
        _upperRowCount = image.Number("upperRowCount", 0, int.MaxValue);
        Entry = (image.Number("entry", -1, _slotCount - 1), image.Number("entryLevel", -1, byte.MaxValue));
        image.LoadTable("base-edges", _baseEdges, _slotCount);
        image.LoadTable("upper-edges", _upperEdges, _upperRowCount);
        foreach (int slot in image.List<int>("freeSlots"))
        {
            _freeSlots.Push(slot);
        }
        foreach ((int level, int row) in image.List<(int, int)>("freeUpperRows"))
        {
            FreeUpperRows(level).Push(row);
        }
    }

    /// <summary>Takes the vectors and the states of their slots alone: there are no edges then.</summary>
    public void RestoreVectors(SnapshotImage image)
    {
        _slotCount = image.Number("slotCount", 0, int.MaxValue);
        image.LoadTable("nodes", _nodes, _slotCount);
        Vectors.Restore(image, _slotCount);
    }

    public void Dispose()
    {
        _nodes.Dispose();
        Vectors.Dispose();
        _baseEdges.Dispose();
        _upperEdges.Dispose();
    }

    private ref Node WritableNode(int ordinal) => ref *(Node*)_nodes.Writable(ordinal);

    private int* WritableRow(int ordinal, int level) => level == 0
        ? (int*)_baseEdges.Writable(ordinal)
        : (int*)_upperEdges.Writable(Node(ordinal).UpperRow + level - 1);

    private Stack<int> FreeUpperRows(int level) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_freeUpperRows, level, out _) ??= new Stack<int>();

    private static void Overwrite(int* row, int slots, ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        Span<int> target = new(row, slots);
        first.CopyTo(target);
        second.CopyTo(target[first.Length..]);
        target[(first.Length + second.Length)..].Fill(-1);
    }

    private static int CountEdges(int* row, int slots)
    {
        int end = new ReadOnlySpan<int>(row, slots).IndexOf(-1);
        return end < 0 ? slots : end;
    }

    private int AllocateUpperRows(int level)
    {
        if (level == 0)
        {
            return -1;
        }
        if (FreeUpperRows(level).TryPop(out int row))
        {
            return row;
        }
        row = _upperRowCount;
        _upperRowCount += level;
        _upperEdges.EnsureRows(_upperRowCount);
        return row;
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
