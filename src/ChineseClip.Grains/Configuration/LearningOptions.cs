namespace ChineseClip.Grains.Configuration;

/// <summary>How shards learn from the text queries they answer.</summary>
public sealed class LearningOptions
{
    public const string Section = "Learning";

    /// <summary>Whether they do; a collection can be created without. Default: true.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>A smaller shard does not: an ordinary search finds all there. Default: 2,000 items; range 1..1,000,000,000.</summary>
    [Between(1, 1_000_000_000)]
    public int FromItems { get; set; } = 2000;

    /// <summary>The last queries kept of each shard. Default: 4,096; range 16..1,000,000.</summary>
    [Between(16, 1_000_000)]
    public int RememberedQueries { get; set; } = 4096;

    /// <summary>
    /// How much of one core a silo takes for it at most, one shard after the other, and nothing while searches wait or the process
    /// uses more than 0.7 of its processors. Default: 0.25; range 0.01..1.
    /// </summary>
    [Between(0.01, 1)]
    public double MaxShareOfCore { get; set; } = 0.25;
}
