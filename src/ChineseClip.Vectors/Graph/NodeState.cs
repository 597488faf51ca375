namespace ChineseClip.Vectors.Graph;

/// <summary>
/// Life of a slot: free → live → tombstone (not returned, still a way through) → victim (edges to it are being removed) → free.
/// </summary>
internal enum NodeState : byte
{
    Free,
    Live,
    Tombstone,
    Victim,
}

/// <summary>What is known of a node beside its vector and its edges.</summary>
internal struct Node
{
    /// <summary>First of Level rows in the table of upper edges.</summary>
    public int UpperRow;
    public byte Level;
    public NodeState State;

    /// <summary>How many edges of the level-0 row were chosen by the graph.</summary>
    public byte BaseEdgeCount;

    /// <summary>How many after these keep a node reachable; those after them were learned from queries.</summary>
    public byte PinnedEdgeCount;
}
