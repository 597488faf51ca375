using ChineseClip.Contracts;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ChineseClip.Server.Hosting;

/// <summary>Writes a health report as the contract has it.</summary>
internal static class HealthAnswer
{
    public static Task WriteAsync(HttpContext context, HealthReport report)
    {
        var answer = new HealthResponse
        {
            Status = Name(report.Status),
            Checks = [.. report.Entries.Select(entry => new HealthCheck
            {
                Name = entry.Key,
                Status = Name(entry.Value.Status),
                Detail = entry.Value.Description ?? entry.Value.Exception?.Message,
            })],
        };
        return context.Response.WriteAsJsonAsync(
            answer, ServerJson.Context.HealthResponse, cancellationToken: context.RequestAborted);
    }

    private static string Name(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "healthy",
        HealthStatus.Degraded => "degraded",
        HealthStatus.Unhealthy => "unhealthy",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "An unknown status."),
    };
}
