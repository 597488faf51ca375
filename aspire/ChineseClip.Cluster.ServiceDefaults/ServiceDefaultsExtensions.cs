using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace ChineseClip.Cluster.ServiceDefaults;

/// <summary>What every process of the cluster has alike: telemetry, health, discovery, resilient HTTP.</summary>
public static class ServiceDefaultsExtensions
{
    /// <summary>Tag of health checks that tell whether the process is alive at all.</summary>
    public const string LiveTag = "live";

    /// <summary>Tag of health checks that tell whether requests are answered in full.</summary>
    public const string ReadyTag = "ready";

    private const string OtlpEndpointKey = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Adds all of it.</summary>
    public static TBuilder AddServiceDefaults<TBuilder>(this TBuilder builder)
        where TBuilder : IHostApplicationBuilder
    {
        builder.AddTelemetry();
        builder.Services.AddHealthChecks().AddCheck("process", () => HealthCheckResult.Healthy(), [LiveTag]);
        builder.Services.AddServiceDiscovery();
        builder.Services.ConfigureHttpClientDefaults(http =>
        {
            http.AddStandardResilienceHandler();
            http.AddServiceDiscovery();
        });
        return builder;
    }

    /// <summary>Maps <c>/health</c> (ready) and <c>/alive</c>.</summary>
    /// <param name="endpoints">Where to map.</param>
    /// <param name="writeAnswer">Writes the body; null writes the status in words.</param>
    public static void MapHealthEndpoints(
        this IEndpointRouteBuilder endpoints, Func<HttpContext, HealthReport, Task>? writeAnswer = null)
    {
        endpoints.MapHealthChecks("/health", Options(ReadyTag, writeAnswer));
        endpoints.MapHealthChecks("/alive", Options(LiveTag, writeAnswer));
    }

    private static HealthCheckOptions Options(string tag, Func<HttpContext, HealthReport, Task>? writeAnswer)
    {
        var options = new HealthCheckOptions { Predicate = check => check.Tags.Contains(tag) };
        if (writeAnswer is not null)
        {
            options.ResponseWriter = writeAnswer;
        }

        return options;
    }

    private static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter("Microsoft.Orleans", "ChineseClip.*"))
            .WithTracing(tracing => tracing
                .AddSource("Microsoft.Orleans.*", "ChineseClip.*")
                .AddAspNetCoreInstrumentation(options => options.Filter = IsWorthTracing)
                .AddHttpClientInstrumentation());
        if (!string.IsNullOrWhiteSpace(builder.Configuration[OtlpEndpointKey]))
        {
            telemetry.WithLogging().UseOtlpExporter();
        }
    }

    private static bool IsWorthTracing(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal)
        && !context.Request.Path.StartsWithSegments("/alive", StringComparison.Ordinal)
        && !context.Request.Path.StartsWithSegments("/metrics", StringComparison.Ordinal);
}
