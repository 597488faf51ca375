namespace ChineseClip.Contracts;

/// <summary>A bounded queue.</summary>
public sealed record QueueDescription
{
    /// <summary>What waits in it.</summary>
    public required string Name { get; init; }

    /// <summary>Silo it is on.</summary>
    public string? Silo { get; init; }

    /// <summary>How many wait now.</summary>
    public required long Depth { get; init; }

    /// <summary>How many may wait; beyond that callers are refused with <c>overloaded</c>.</summary>
    public required long Capacity { get; init; }
}
