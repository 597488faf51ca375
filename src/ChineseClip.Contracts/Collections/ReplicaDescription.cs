namespace ChineseClip.Contracts;

/// <summary>State of a reader of a shard.</summary>
public sealed record ReplicaDescription
{
    /// <summary>Its number, from 1.</summary>
    public required int Replica { get; init; }

    /// <summary><c>ready</c>, <c>rebuilding</c>, <c>loading</c> or <c>unavailable</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Silo that hosts it.</summary>
    public string? Silo { get; init; }

    /// <summary>Log sequence number of the last write it knows.</summary>
    public long? Lsn { get; init; }

    /// <summary>How old what it knows may be, in milliseconds.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("lagMs")]
    public double? LagMilliseconds { get; init; }

    /// <summary>What is wrong, when something is.</summary>
    public string? Detail { get; init; }
}
