using System.Runtime.CompilerServices;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;

namespace ChineseClip.Vectors.Graph;

/// <summary>What a traversal asks of the nodes that it meets, whichever way it goes on from them.</summary>
/// <remarks>Implemented by structs, so that the JIT compiles one loop for each.</remarks>
internal interface ITraversedNodes
{
    /// <summary>Marks the node where the traversal begins; false when it is none of this graph's snapshot.</summary>
    bool TryMark(int node);

    /// <summary>Starts fetching the row of the node that is likely next.</summary>
    void Prefetch(int node);
}

/// <summary>Which nodes a traversal ranks when it expands one.</summary>
internal unsafe interface INeighborhood : ITraversedNodes
{
    /// <summary>The most that <see cref="Gather"/> writes.</summary>
    int MaxCount { get; }

    /// <summary>Marks and writes the nodes next to a node that were not marked before.</summary>
    int Gather(int node, int* unvisited);
}

/// <summary>The neighbours on level 0.</summary>
internal readonly unsafe struct BaseNeighborhood(ChunkedRows.View rows, int slots, VisitedTags.View tags) : INeighborhood
{
    public int MaxCount => slots;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Gather(int node, int* unvisited) => tags.GatherUnvisited((int*)rows[node], slots, unvisited);

    public bool TryMark(int node) => tags.TryMark(node);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int node) => RowPrefetch.Start(rows[node], slots * sizeof(int));
}

/// <summary>The neighbours on level 0 without those learned from queries.</summary>
internal readonly unsafe struct LastingNeighborhood(GraphStore store, VisitedTags.View tags) : INeighborhood
{
    public int MaxCount => store.BaseRowSlots;

    public int Gather(int node, int* unvisited) =>
        tags.GatherUnvisited(store.Row(node, 0), store.LastingEdgeCount(node), unvisited);

    public bool TryMark(int node) => tags.TryMark(node);

    public void Prefetch(int node)
    {
    }
}

/// <summary>The neighbours on a level above 0, while inserting.</summary>
internal readonly unsafe struct UpperNeighborhood(GraphStore store, int level, VisitedTags.View tags) : INeighborhood
{
    public int MaxCount => store.M;

    public int Gather(int node, int* unvisited) => tags.GatherUnvisited(store.Row(node, level), store.M, unvisited);

    public bool TryMark(int node) => tags.TryMark(node);

    public void Prefetch(int node)
    {
    }
}

/// <summary>Only nodes that match a filter: a neighbour that does not match is replaced by its own matching neighbours.</summary>
/// <remarks>
/// Rows of neighbours that do not match are read but their vectors are not, so the cost is that of a search in the matching part. Of
/// matches whose sketches say that they are too far away neither is.
/// Where most neighbours match there are no bridges; where few do, at most so many are taken.
/// Source: ACORN-1 (arXiv 2403.04871).
/// </remarks>
internal readonly unsafe struct MatchingNeighborhood(
    GraphStore store, UnseenNodes matches, UnseenNodes others, int maxBridges, SearchContext context) : ITraversedNodes
{
    private const int BridgesAhead = 8;

    private readonly ChunkedRows.View _rows = store.BaseRows;
    private readonly int _slots = store.BaseRowSlots;

    // Between what the graph chooses for a new node and what a row has room for: the best-first search visits the others soon enough.
    private readonly int _enough = 7 * store.M / 4;

    /// <summary>What is found, and behind it room for the neighbours that do not match.</summary>
    public int MaxCount => _enough + (2 * _slots);

    /// <summary>Leaves out those found that sketches say are far.</summary>
    public Sieve Sieve { get; init; }

    /// <summary>Takes the matches next to a node, and starts fetching what is behind the others.</summary>
    /// <param name="node">Where from.</param>
    /// <param name="unvisited">Takes the matches, <see cref="MaxCount"/> at most after <see cref="Finish"/>.</param>
    /// <param name="bridgeCount">The neighbours that do not match and are to be asked for theirs.</param>
    public int Start(int node, int* unvisited, out int bridgeCount)
    {
        int* row = (int*)_rows[node];
        int count = matches.TakeAll(row, _slots, unvisited, 0);
        Sieve.Prefetch(unvisited, 0, count);
        bridgeCount = 0;
        if (count < _enough)
        {
            int* bridges = Bridges(unvisited);
            bridgeCount = Math.Min(others.CopyAll(row, _slots, bridges), maxBridges);
            for (int i = 0; i < Math.Min(BridgesAhead, bridgeCount); i++)
            {
                Prefetch(bridges[i]);
            }
        }
        return count;
    }

    /// <summary>Adds what matches behind the neighbours that do not; returns how many there are then.</summary>
    /// <param name="count">What <see cref="Start"/> returned.</param>
    /// <param name="bridgeCount">And what else.</param>
    /// <param name="unvisited">The list.</param>
    public int Finish(int count, int bridgeCount, int* unvisited)
    {
        int* bridges = Bridges(unvisited);
        int readCount = 0;
        for (; readCount < bridgeCount && count < _enough; readCount++)
        {
            if (readCount + BridgesAhead < bridgeCount)
            {
                Prefetch(bridges[readCount + BridgesAhead]);
            }
            int bridge = bridges[readCount];
            others.TryTake(bridge);    // its row is read once
            int before = count;
            count = matches.TakeAll((int*)_rows[bridge], _slots, unvisited, count);
            Sieve.Prefetch(unvisited, before, count);
        }
        context.VisitedCount += readCount;
        return count;
    }

    public bool TryMark(int node) => matches.TryTake(node) || others.TryTake(node);

    public void Prefetch(int node) => RowPrefetch.Start(_rows[node], _slots * sizeof(int));

    private int* Bridges(int* unvisited) => unvisited + _enough + _slots;
}
