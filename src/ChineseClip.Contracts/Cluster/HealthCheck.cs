namespace ChineseClip.Contracts;

/// <summary>One thing that was looked at.</summary>
public sealed record HealthCheck
{
    /// <summary>What.</summary>
    public required string Name { get; init; }

    /// <summary><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</summary>
    public required string Status { get; init; }

    /// <summary>What was found.</summary>
    public string? Detail { get; init; }
}
