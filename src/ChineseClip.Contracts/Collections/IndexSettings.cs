namespace ChineseClip.Contracts;

/// <summary>Settings of the HNSW index of every shard.</summary>
public sealed record IndexSettings
{
    /// <summary>Edges a node keeps on each upper level (twice as many on level 0). Default 16.</summary>
    public int? M { get; init; }

    /// <summary>Candidates looked at while a node is linked. Default 200.</summary>
    public int? EfConstruction { get; init; }

    /// <summary><c>none</c>, <c>sq7</c> or <c>sq7+s16</c>.</summary>
    public string? Quantization { get; init; }

    /// <summary>Whether the index learns from the text queries it answers. Default true.</summary>
    public bool? Learns { get; init; }
}
