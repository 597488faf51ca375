using System.Diagnostics;
using System.Reflection;
using ChineseClip.Abstractions;
using ChineseClip.Cluster.ServiceDefaults;
using ChineseClip.Grains.Configuration;
using ChineseClip.Server.Endpoints;
using ChineseClip.Server.Errors;
using ChineseClip.Server.Gateway;
using ChineseClip.Server.Hosting;
using ChineseClip.Server.Pictures;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;

namespace ChineseClip.Server;

/// <summary>The one host: whatever its roles, the same program.</summary>
public static class ServerHost
{
    private static readonly TimeSpan FirstReadinessPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestReadinessPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestUndoing = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ReadinessReportInterval = TimeSpan.FromSeconds(10);

    /// <summary>What holds unless a settings file, the environment or the command line says otherwise.</summary>
    private static readonly Dictionary<string, string?> DefaultSettings = new()
    {
        ["urls"] = "http://127.0.0.1:8080",
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft"] = "Warning",
        ["Logging:LogLevel:Orleans"] = "Warning",
        ["Logging:LogLevel:Orleans.Runtime.Silo"] = "Critical",     // advice on server GC; a failed start, which is thrown too
        ["Logging:LogLevel:Orleans.Runtime.SiloLifecycleSubject"] = "Critical",         // the same failed start
        ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = "Critical",   // the same failed start
        ["Logging:LogLevel:Orleans.Runtime.Watchdog"] = "Error",    // its first check reports the machine's uptime
        ["Logging:LogLevel:Polly"] = "None",                        // retries of a placement, which its caller reports
        ["Logging:LogLevel:System.Net.Http"] = "Warning",
    };

    /// <summary>Version of this program.</summary>
    public static string Version { get; } =
        typeof(ServerHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion.Split('+')[0];

    /// <summary>Puts a server together without starting it.</summary>
    /// <param name="args">Command line: <c>--urls URL</c>, <c>--Section:Key value</c>.</param>
    /// <param name="configure">Has the last word before the server is built.</param>
    /// <exception cref="OptionsValidationException">A value is wrong; others are found when the server starts.</exception>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(
            0, new MemoryConfigurationSource { InitialData = DefaultSettings });
        configure?.Invoke(builder);
        builder.AddServiceDefaults();
        builder.AddLogging();
        builder.AddGateway();
        builder.AddSilo();
        WebApplication application = builder.Build();
        application.MapServer();
        return application;
    }

    /// <summary>Starts a server, waits until it answers in full, and gives its address.</summary>
    /// <remarks>
    /// A shard or model that stays away is reported every ten seconds; cancel to stop waiting. A start that fails is undone,
    /// and told by the exception alone.
    /// </remarks>
    /// <exception cref="SiloEvictedException">The others declared this silo dead meanwhile.</exception>
    public static async Task<Uri> StartAsync(WebApplication application, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(application);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch
        {
            // The host leaves running what had started before the failure; what stopping throws says nothing new.
            using CancellationTokenSource limit = new(LongestUndoing);
            await application.StopAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        ILogger logger = application.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ServerHost));
        IGrainFactory grains = application.Services.GetRequiredService<IGrainFactory>();
        Eviction eviction = application.Services.GetRequiredService<Eviction>();
        string[] roles = SiloRoles.Split(RolesOf(application.Configuration));
        long start = Stopwatch.GetTimestamp();
        TimeSpan reported = TimeSpan.Zero;
        TimeSpan pause = FirstReadinessPause;
        while (true)
        {
            eviction.ThrowIfOccurred();
            string[] reasons = await MissingAsync(grains, roles, cancellationToken);
            if (reasons.Length == 0)
            {
                return AddressOf(application);
            }

            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (elapsed - reported >= ReadinessReportInterval)
            {
                reported = elapsed;
                logger.NotReady(elapsed, string.Join(' ', reasons));
            }

            await Task.Delay(pause, cancellationToken);
            pause = pause * 2 < LongestReadinessPause ? pause * 2 : LongestReadinessPause;
        }
    }

    /// <summary>The address a started server is reached by; a wildcard host is given as loopback.</summary>
    public static Uri AddressOf(WebApplication application)
    {
        ArgumentNullException.ThrowIfNull(application);
        BindingAddress bound = BindingAddress.Parse(application.Urls.First());
        string host = bound.Host is "+" or "*" or "0.0.0.0" or "[::]" ? "127.0.0.1" : bound.Host;
        return new Uri($"{bound.Scheme}://{host}:{bound.Port}{bound.PathBase}");
    }

    private static async Task<string[]> MissingAsync(IGrainFactory grains, string[] roles, CancellationToken cancellationToken)
    {
        try
        {
            ClusterReadiness readiness = await grains.Cluster().ReadinessAsync(roles, cancellationToken)
                .WaitAsync(ClusterReadinessCheck.Timeout, cancellationToken);
            return readiness.IsReady ? [] : readiness.Reasons is [] ? ["It does not say why."] : readiness.Reasons;
        }
        catch (Exception exception) when (exception is TimeoutException or ClusterException or OrleansException)
        {
            return [exception.Message];
        }
    }

    /// <summary>Logs go to stderr, so that stdout stays with whoever prints results there.</summary>
    private static void AddLogging(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
            console.UseUtcTimestamp = true;
        });
    }

    private static void AddGateway(this WebApplicationBuilder builder)
    {
        IServiceCollection services = builder.Services;
        services.AddSingleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>();
        services.AddOptions<GatewayOptions>()
            .BindConfiguration(GatewayOptions.Section)
            .PostConfigure<IConfiguration>((gateway, configuration) => gateway.ReadCommas(configuration))
            .ValidateOnStart();
        services.AddOptions<KestrelServerOptions>().Configure<IOptions<GatewayOptions>>((kestrel, gateway) =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = gateway.Value.MaxRequestBytes;
            kestrel.Limits.MaxConcurrentConnections = gateway.Value.MaxConnections;
        });
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        services.Configure<JsonOptions>(json => ServerJson.Configure(json.SerializerOptions));
        services.AddAdmission();
        if (IsGateway(builder.Configuration))
        {
            GuardedServer.Guard(services);
            ArrivalQueue.AddTo(services);
        }

        services.AddOpenApi(OpenApiDescription.DocumentName, OpenApiDescription.Configure);
        services.AddHealthChecks().AddCheck<ClusterReadinessCheck>(
            ClusterReadinessCheck.Name, tags: [ServiceDefaultsExtensions.ReadyTag], timeout: ClusterReadinessCheck.Timeout)
            .AddCheck<StorageCheck>(
                StorageCheck.Name, HealthStatus.Degraded, tags: [ServiceDefaultsExtensions.ReadyTag], timeout: StorageCheck.Timeout);
        services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddPrometheusExporter());
        services.AddSingleton<AllowedPaths>();
        services.AddScoped<PictureLoader>();
        services.AddScoped<EndpointServices>();
        services.AddHttpClient<RemotePictures>().ConfigurePrimaryHttpMessageHandler(RemotePictures.CreateHandler);
    }

    private static void MapServer(this WebApplication application)
    {
        application.UseMiddleware<ProblemMiddleware>();
        application.MapHealthEndpoints(HealthAnswer.WriteAsync);
        application.MapPrometheusScrapingEndpoint("/metrics");
        if (IsGateway(application.Configuration))
        {
            application.UseMiddleware<ApiKeyMiddleware>();
            application.UseRateLimiter();
            application.UseMiddleware<BodyBudgetMiddleware>();
            application.UseRequestTimeouts();
            application.MapCollections();
            application.MapAliases();
            application.MapSnapshots();
            application.MapItems();
            application.MapPictures();
            application.MapSearch();
            application.MapInference();
            application.MapCluster();
            application.MapOpenApi("/openapi/{documentName}.json");
            application.MapPage();
        }

        application.LogLifetime();
    }

    private static void LogLifetime(this WebApplication application)
    {
        ILogger logger = application.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ServerHost));
        string roles = RolesOf(application.Configuration);
        ILocalSiloDetails silo = application.Services.GetRequiredService<ILocalSiloDetails>();
        application.Lifetime.ApplicationStarted.Register(
            () => logger.Started(Version, AddressOf(application).AbsoluteUri, roles, silo.SiloAddress.ToString()));
        application.Lifetime.ApplicationStopping.Register(logger.Stopping);
    }

    private static bool IsGateway(IConfiguration configuration) =>
        SiloRoles.Split(RolesOf(configuration)).Contains(SiloRoles.Gateway);

    private static string RolesOf(IConfiguration configuration) =>
        configuration.GetSection(ClusterRoleOptions.Section)[nameof(ClusterRoleOptions.Roles)] ?? SiloRoles.All;
}
