using System.Runtime.InteropServices;
using ChineseClip.Vectors.Memory;
using ChineseClip.Vectors.Persistence;

namespace ChineseClip.Vectors.Graph;

/// <summary>Entry point (-1 when there is none), its level, and the number of slots at one moment.</summary>
internal readonly record struct GraphSnapshot(int Entry, int EntryLevel, int SlotCount);

/// <summary>The memory of a graph: nodes, vectors, and edges of all levels. Knows layout and slots, nothing of search.</summary>
/// <remarks>
/// Layout of a row of edges: ordinals, ended by -1 or by the length of the row. Level 0: up to 2M edges of the graph, then up to
/// <see cref="ExtraSlots"/> extra ones.
/// Threads: one writer. Readers see a slot only through an edge or the entry point, both written after a fence that follows the
/// writing of the slot. A row rewritten while it is read may show old and new edges together: each of them is a valid node.
/// </remarks>
internal sealed unsafe class GraphStore : IDisposable
{
    public const int ExtraSlots = 16;
    private const int SlotsPerCacheLine = 16;

    private readonly ChunkedRows _nodes;
    private readonly ChunkedRows _vectors;
    private readonly ChunkedRows _baseEdges;
    private readonly ChunkedRows _upperEdges;
    private readonly Stack<int> _freeSlots = new();
    private readonly Dictionary<int, Stack<int>> _freeUpperRows = [];
    private int _upperRowCount;
    private int _slotCount;
    private long _entry = -1;

    public GraphStore(int dimension, int m, WriteClock clock)
    {
        Dimension = dimension;
        M = m;
        Clock = clock;
        BaseRowSlots = RoundUp((2 * m) + ExtraSlots, SlotsPerCacheLine);
        _nodes = new ChunkedRows(sizeof(Node), clock);
        _vectors = new ChunkedRows(RoundUp(dimension, SlotsPerCacheLine) * sizeof(float), clock);
        _baseEdges = new ChunkedRows(BaseRowSlots * sizeof(int), clock);
        _upperEdges = new ChunkedRows(RoundUp(m, SlotsPerCacheLine) * sizeof(int), clock);
    }

    public int Dimension { get; }

    public int M { get; }

    public int BaseRowSlots { get; }

    /// <summary>Time of the writes to all tables of the index.</summary>
    public WriteClock Clock { get; }

    /// <summary>Slots that exist in any state; ordinals are below it.</summary>
    public int SlotCount => Volatile.Read(ref _slotCount);

    public int FreeSlotCount => _freeSlots.Count;

    /// <summary>Node where every search starts and its level; -1 when there is none.</summary>
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
        _nodes.BytesFor(_slotCount) + _vectors.BytesFor(_slotCount)
        + _baseEdges.BytesFor(_slotCount) + _upperEdges.BytesFor(_upperRowCount);

    public ChunkedRows.View VectorRows => _vectors.Rows;

    public ChunkedRows.View BaseRows => _baseEdges.Rows;

    public ChunkedRows.View UpperRows => _upperEdges.Rows;

    public ref readonly Node Node(int ordinal) => ref *(Node*)_nodes.Rows[ordinal];

    public NodeState State(int ordinal) => (NodeState)Volatile.Read(ref *(byte*)&((Node*)_nodes.Rows[ordinal])->State);

    public float* Vector(int ordinal) => (float*)_vectors.Rows[ordinal];

    public int Capacity(int level) => level == 0 ? 2 * M : M;

    public int RowSlots(int level) => level == 0 ? BaseRowSlots : M;

    public int* Row(int ordinal, int level) => level == 0
        ? (int*)_baseEdges.Rows[ordinal]
        : (int*)_upperEdges.Rows[Node(ordinal).UpperRow + level - 1];

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

    /// <summary>Takes a slot for a vector, in state Free and without edges: readers cannot reach it yet.</summary>
    public int AllocateSlot(ReadOnlySpan<float> vector, int level)
    {
        if (!_freeSlots.TryPop(out int ordinal))
        {
            ordinal = _slotCount;
            _nodes.EnsureRows(ordinal + 1);
            _vectors.EnsureRows(ordinal + 1);
            _baseEdges.EnsureRows(ordinal + 1);
        }
        WritableNode(ordinal) = new Node { Level = (byte)level, UpperRow = AllocateUpperRows(level), State = NodeState.Free };
        vector.CopyTo(new Span<float>(_vectors.Writable(ordinal), Dimension));
        for (int l = 0; l <= level; l++)
        {
            new Span<int>(WritableRow(ordinal, l), RowSlots(l)).Fill(-1);
        }
        return ordinal;
    }

    /// <summary>Counts a slot in, once all its rows (also those of codes) are written.</summary>
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

    /// <summary>Whether level 0 leads from one node to the other.</summary>
    public bool HasEdge(int from, int to)
    {
        int* row = Row(from, 0);
        return new ReadOnlySpan<int>(row, CountEdges(row, BaseRowSlots)).Contains(to);
    }

    /// <summary>Appends an extra edge; false when it is there already or the row is full.</summary>
    public bool TryAddExtraEdge(int from, int to)
    {
        int start = Node(from).BaseEdgeCount;
        int* row = Row(from, 0);
        int count = CountEdges(row, BaseRowSlots);
        if (count - start >= ExtraSlots || count == BaseRowSlots || HasEdge(from, to))
        {
            return false;
        }
        Volatile.Write(ref WritableRow(from, 0)[count], to);
        return true;
    }

    /// <summary>Only for a row that has extra edges.</summary>
    public void ReplaceLastExtraEdge(int from, int to) =>
        Volatile.Write(ref WritableRow(from, 0)[CountEdges(Row(from, 0), BaseRowSlots) - 1], to);

    /// <summary>Replaces the extra edges of a level-0 row.</summary>
    public void SetExtraEdges(int ordinal, ReadOnlySpan<int> edges)
    {
        int start = Node(ordinal).BaseEdgeCount;
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
        capture.AddTable("vectors", _vectors, _slotCount);
        capture.AddList<int>("freeSlots", [.. _freeSlots.Reverse()]);
        capture.AddList<(int, int)>(
            "freeUpperRows", [.. _freeUpperRows.OrderBy(rows => rows.Key).SelectMany(rows => rows.Value.Reverse().Select(row => (rows.Key, row)))]);
    }

    /// <summary>Takes a graph from a snapshot, into a store that is empty.</summary>
    public void Restore(SnapshotImage image)
    {
        _slotCount = image.Number("slotCount", 0, int.MaxValue);
        _upperRowCount = image.Number("upperRowCount", 0, int.MaxValue);
        Entry = (image.Number("entry", -1, _slotCount - 1), image.Number("entryLevel", -1, byte.MaxValue));
        image.LoadTable("nodes", _nodes, _slotCount);
        image.LoadTable("base-edges", _baseEdges, _slotCount);
        image.LoadTable("upper-edges", _upperEdges, _upperRowCount);
        image.LoadTable("vectors", _vectors, _slotCount);
        foreach (int slot in image.List<int>("freeSlots"))
        {
            _freeSlots.Push(slot);
        }
        foreach ((int level, int row) in image.List<(int, int)>("freeUpperRows"))
        {
            FreeUpperRows(level).Push(row);
        }
    }

    public void Dispose()
    {
        _nodes.Dispose();
        _vectors.Dispose();
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
