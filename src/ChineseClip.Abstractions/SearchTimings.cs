namespace ChineseClip.Abstractions;

/// <summary>Where the time of one search went.</summary>
[GenerateSerializer, Alias("cc.SearchTimings"), Immutable]
public sealed record SearchTimings
{
    /// <summary>Decoding, preprocessing, waiting for a batch and the model.</summary>
    [Id(0)]
    public TimeSpan Embed { get; init; }

    /// <summary>From the fan out to the last shard's answer.</summary>
    [Id(1)]
    public TimeSpan Search { get; init; }

    /// <summary>The whole call inside the grain.</summary>
    [Id(2)]
    public TimeSpan Total { get; init; }
}
