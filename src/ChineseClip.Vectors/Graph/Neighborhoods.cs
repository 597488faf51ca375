using System.Runtime.CompilerServices;
using ChineseClip.Vectors.Kernels;
using ChineseClip.Vectors.Memory;

namespace ChineseClip.Vectors.Graph;

/// <summary>Which nodes a traversal ranks when it expands one.</summary>
/// <remarks>Implemented by structs, so that the JIT compiles one loop for each.</remarks>
internal unsafe interface INeighborhood
{
    /// <summary>The most that <see cref="Gather"/> writes.</summary>
    int MaxCount { get; }

    /// <summary>Marks and writes the nodes next to a node that were not marked before.</summary>
    /// <param name="node">Where from.</param>
    /// <param name="limit">Keys that are not below are of no use; their nodes may be left out.</param>
    /// <param name="unvisited">Takes the nodes.</param>
    int Gather(int node, long limit, int* unvisited);

    /// <summary>Marks the node where the traversal begins; false when it is none of this graph's snapshot.</summary>
    bool TryMark(int node);

    /// <summary>Starts fetching the row of the node that is likely next.</summary>
    void Prefetch(int node);
}

/// <summary>The neighbours on level 0.</summary>
internal readonly unsafe struct BaseNeighborhood(ChunkedRows.View rows, int slots, VisitedTags.View tags) : INeighborhood
{
    public int MaxCount => slots;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Gather(int node, long limit, int* unvisited) => tags.GatherUnvisited((int*)rows[node], slots, unvisited);

    public bool TryMark(int node) => tags.TryMark(node);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int node) => RowPrefetch.Start(rows[node], slots * sizeof(int));
}

/// <summary>The neighbours on level 0 without those learned from queries.</summary>
internal readonly unsafe struct LastingNeighborhood(GraphStore store, VisitedTags.View tags) : INeighborhood
{
    public int MaxCount => store.BaseRowSlots;

    public int Gather(int node, long limit, int* unvisited) =>
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

    public int Gather(int node, long limit, int* unvisited) => tags.GatherUnvisited(store.Row(node, level), store.M, unvisited);

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
    GraphStore store, VisitedTags.View tags, FilterBits filter, UnseenMatches unseen, int maxBridges, SearchContext context) : INeighborhood
{
    private const int BridgesAhead = 4;

    private readonly ChunkedRows.View _rows = store.BaseRows;
    private readonly int _slots = store.BaseRowSlots;
    private readonly int _graphSlots = 2 * store.M;

    // As many as the graph chooses for a new node: the best-first search visits the others soon enough.
    private readonly int _enough = store.M;

    /// <summary>What is found, and behind it room for the neighbours that do not match.</summary>
    public int MaxCount => _enough + (2 * _slots);

    public Sieve Sieve { get; init; }

    public int Gather(int node, long limit, int* unvisited)
    {
        int* row = (int*)_rows[node];
        int count = unseen.TakeAll(row, _slots, unvisited, 0);
        Sieve.Prefetch(unvisited, 0, count);
        if (count < _enough)
        {
            count = GatherBehind(row, unvisited, count);
        }
        return Sieve.Keep(unvisited, count, limit);
    }

    public bool TryMark(int node)
    {
        unseen.TryTake(node);
        return tags.TryMark(node);
    }

    // The rows of few are longer than the graph's own edges.
    public void Prefetch(int node) => RowPrefetch.Start(_rows[node], _graphSlots * sizeof(int));

    // What matches behind the neighbours that do not.
    private int GatherBehind(int* row, int* unvisited, int count)
    {
        int* bridges = unvisited + _enough + _slots;
        int bridgeCount = Math.Min(tags.CopyUnvisitedOthers(row, _slots, filter, bridges), maxBridges);
        for (int i = 0; i < Math.Min(BridgesAhead, bridgeCount); i++)
        {
            Prefetch(bridges[i]);
        }
        for (int i = 0; i < bridgeCount && count < _enough; i++)
        {
            if (i + BridgesAhead < bridgeCount)
            {
                Prefetch(bridges[i + BridgesAhead]);
            }
            context.VisitedCount++;
            tags.TryMark(bridges[i]);    // its row is read once
            int before = count;
            count = unseen.TakeAll((int*)_rows[bridges[i]], _slots, unvisited, count);
            Sieve.Prefetch(unvisited, before, count);
        }
        return count;
    }
}
