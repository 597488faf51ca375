namespace ChineseClip.Vectors.Graph;

/// <summary>Finds live nodes that no search can reach on level 0 by edges that last. Used by the writer only.</summary>
internal sealed unsafe class Reachability(GraphStore store)
{
    private readonly Stack<int> _frontier = new();
    private bool[] _reached = [];

    /// <summary>Follows edges from the entry point and calls back for each live node left out, which is then taken as reached.</summary>
    /// <returns>How many were left out.</returns>
    public int ForEachUnreachable(Action<int> reconnect)
    {
        int slotCount = store.SlotCount;
        _reached = new bool[slotCount];
        if (store.Entry.Ordinal < 0)
        {
            return 0;
        }
        Follow(store.Entry.Ordinal);
        int count = 0;
        for (int ordinal = 0; ordinal < slotCount; ordinal++)
        {
            if (!_reached[ordinal] && store.State(ordinal) == NodeState.Live)
            {
                reconnect(ordinal);
                Follow(ordinal);
                count++;
            }
        }
        _reached = [];
        return count;
    }

    private void Follow(int start)
    {
        _reached[start] = true;
        _frontier.Push(start);
        while (_frontier.TryPop(out int node))
        {
            int* row = store.Row(node, 0);
            int count = store.LastingEdgeCount(node);
            for (int i = 0; i < count; i++)
            {
                if (!_reached[row[i]])
                {
                    _reached[row[i]] = true;
                    _frontier.Push(row[i]);
                }
            }
        }
    }
}
