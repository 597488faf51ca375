namespace ChineseClip.Vectors;

/// <summary>How much effort learning from one query takes.</summary>
public sealed record LearningParameters
{
    public const int MaxNeighborCount = 128;
    public const int MaxEdgesPerNode = 16;

    /// <summary>How many neighbours of the query are tied together, 2..128.</summary>
    public int NeighborCount { get; init; } = 16;

    /// <summary>How many learned edges a node may have at a time, 1..16; the oldest makes room for a new one.</summary>
    public int EdgesPerNode { get; init; } = MaxEdgesPerNode;

    /// <summary>Size of the candidate pool that looks for them, 1..65536.</summary>
    public int Ef { get; init; } = 1024;

    internal void ThrowIfInvalid()
    {
        if (NeighborCount is < 2 or > MaxNeighborCount)
        {
            throw new ArgumentOutOfRangeException(
                nameof(NeighborCount), NeighborCount, $"NeighborCount is {NeighborCount}; must be 2..{MaxNeighborCount}.");
        }
        if (EdgesPerNode is < 1 or > MaxEdgesPerNode)
        {
            throw new ArgumentOutOfRangeException(
                nameof(EdgesPerNode), EdgesPerNode, $"EdgesPerNode is {EdgesPerNode}; must be 1..{MaxEdgesPerNode}.");
        }
        if (Ef is < 1 or > HnswParameters.MaxEf)
        {
            throw new ArgumentOutOfRangeException(nameof(Ef), Ef, $"Ef is {Ef}; must be 1..{HnswParameters.MaxEf}.");
        }
    }
}
