using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Hosting;

/// <summary>Healthy when what this silo's roles need is there: shards that answer, models that are available.</summary>
internal sealed class ClusterReadinessCheck(IGrainFactory grains, IOptions<ClusterRoleOptions> roles) : IHealthCheck
{
    public const string Name = "cluster";
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ClusterReadiness readiness = await grains.Cluster().ReadinessAsync(SiloRoles.Split(roles.Value.Roles), cancellationToken);
        return readiness.IsReady
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy(string.Join(' ', readiness.Reasons));
    }
}
