namespace ChineseClip.Abstractions;

/// <summary>How full one bounded queue is.</summary>
[GenerateSerializer, Alias("cc.QueueState"), Immutable]
public sealed record QueueState
{
    /// <summary>What waits in it.</summary>
    [Id(0)]
    public required string Name { get; init; }

    /// <summary>The silo it is on.</summary>
    [Id(1)]
    public required string Silo { get; init; }

    /// <summary>How many wait.</summary>
    [Id(2)]
    public required long Depth { get; init; }

    /// <summary>How many may wait.</summary>
    [Id(3)]
    public required long Capacity { get; init; }
}
