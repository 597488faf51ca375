namespace ChineseClip.Abstractions;

/// <summary>What a new collection is to be.</summary>
[GenerateSerializer, Alias("cc.CreateCollection"), Immutable]
public sealed record CreateCollection
{
    /// <summary>
    /// Letters (Chinese ones too), digits, '-' and '_', 1 to 64 characters, beginning with a letter or digit.
    /// </summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>The configured model that embeds for it; null for a collection that takes ready vectors only.</summary>
    [Id(1)]
    public string? Model { get; init; }

    /// <summary>The length of its vectors; needed without a model, and with one must equal the model's.</summary>
    [Id(2)]
    public int? Dimension { get; init; }

    /// <summary>How many shards it is split into for good, 1 to 256.</summary>
    [Id(3)]
    public int Shards { get; init; } = 4;

    /// <summary>Copies of each shard; storage in files allows 1.</summary>
    [Id(4)]
    public int Replicas { get; init; } = 1;

    /// <summary>Neighbours of a node in the graph, 2 to 128.</summary>
    [Id(5)]
    public int M { get; init; } = 16;

    /// <summary>Candidates looked at while inserting, M to 4,096.</summary>
    [Id(6)]
    public int EfConstruction { get; init; } = 200;

    /// <summary>
    /// How vectors are held: <c>none</c>, <c>sq7</c> or <c>sq7+s16</c>, as far as the engine offers them.
    /// </summary>
    [Id(7)]
    public string Quantization { get; init; } = "sq7";

    /// <summary>Whether its shards learn from the text queries they answer.</summary>
    [Id(8)]
    public bool Learns { get; init; } = true;
}
