using ChineseClip.Grains.Shards;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ChineseClip.Server.Hosting;

/// <summary>Degraded while storage does not answer: writes are refused then, but searches go on, so the silo must not be taken out.</summary>
internal sealed class StorageCheck(StorageProbe storage) : IHealthCheck
{
    public const string Name = "storage";
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await storage.FindFaultAsync(cancellationToken) is { } fault
            ? HealthCheckResult.Degraded(fault)
            : HealthCheckResult.Healthy();
}
