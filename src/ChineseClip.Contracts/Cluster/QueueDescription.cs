namespace ChineseClip.Contracts;

/// <summary>A bounded queue.</summary>
public sealed record QueueDescription
{
    /// <summary>What waits in it.</summary>
    public required string Name { get; init; }

    /// <summary>How many wait now.</summary>
    public required int Depth { get; init; }

    /// <summary>How many may wait; beyond that callers are refused with <c>overloaded</c>.</summary>
    public int? Capacity { get; init; }
}
