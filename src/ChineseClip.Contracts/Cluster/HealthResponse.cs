namespace ChineseClip.Contracts;

/// <summary>Answer of <c>GET /health</c> and <c>GET /alive</c>.</summary>
public sealed record HealthResponse
{
    /// <summary><c>healthy</c>, <c>degraded</c> or <c>unhealthy</c>.</summary>
    public required string Status { get; init; }

    /// <summary>What was looked at.</summary>
    public required IReadOnlyList<HealthCheck> Checks { get; init; }
}
