using ChineseClip.Abstractions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ChineseClip.Server.Hosting;

/// <summary>Healthy when every shard answers and every model is available.</summary>
internal sealed class ClusterReadinessCheck(IGrainFactory grains) : IHealthCheck
{
    public const string Name = "cluster";
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ClusterReadiness readiness = await grains.Cluster().ReadinessAsync(cancellationToken);
        return readiness.IsReady
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy(string.Join(' ', readiness.Reasons));
    }
}
