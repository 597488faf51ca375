using ChineseClip.Grains;
using Orleans.Configuration;
using StackExchange.Redis;
using GatewayOptions = ChineseClip.Server.Gateway.GatewayOptions;

namespace ChineseClip.Server.Hosting;

/// <summary>Makes the process a silo: membership, ports, timings, and the grains themselves.</summary>
internal static class ClusterHosting
{
    /// <summary>Set by orchestrators that describe Orleans themselves (Aspire); then they decide the membership.</summary>
    private const string ProviderTypeKey = "Orleans:Clustering:ProviderType";
    private const string ServiceKeyKey = "Orleans:Clustering:ServiceKey";
    private const int MessageBodyReserveBytes = 16 * 1024 * 1024;

    public static void AddSilo(this WebApplicationBuilder builder)
    {
        ConfigurationManager configuration = builder.Configuration;
        SiloSettings settings = SiloSettings.Read(configuration);
        long maxRequestBytes =
            configuration.GetSection(GatewayOptions.Section).Get<GatewayOptions>()?.MaxRequestBytes ?? 0;
        bool isDescribed = !string.IsNullOrEmpty(configuration[ProviderTypeKey]);
        if (isDescribed)
        {
            builder.AddKeyedRedis(configuration[ServiceKeyKey] ?? "redis");
        }

        builder.UseOrleans(silo =>
        {
            if (!isDescribed)
            {
                silo.UseMembership(settings);
            }
            else if (string.IsNullOrEmpty(configuration["Orleans:Endpoints:SiloPort"]))
            {
                silo.UseEndpoints(settings);
            }

            silo.Services.AddSingleton<Eviction>();
            silo.Services.AddSingleton<IFatalErrorHandler>(services => services.GetRequiredService<Eviction>());
            silo.AddActivityPropagation();
            silo.Configure<SiloMessagingOptions>(messaging => Configure(messaging, maxRequestBytes));
            silo.AddChineseClip(configuration);
        });
    }

    /// <summary>Orleans asks for a multiplexer keyed by the name of the resource; nobody else registers it.</summary>
    private static void AddKeyedRedis(this WebApplicationBuilder builder, string key)
    {
        string connection = builder.Configuration.GetConnectionString(key)
            ?? throw new InvalidOperationException($"ConnectionStrings:{key} is empty; must be host:port.");
        builder.Services.AddKeyedSingleton<IConnectionMultiplexer>(
            key, (_, _) => ConnectionMultiplexer.Connect(ToOptions(connection)));
    }

    private static void UseMembership(this ISiloBuilder silo, SiloSettings settings)
    {
        if (settings.Membership == SiloSettings.LocalhostMembership)
        {
            silo.UseLocalhostClustering(
                settings.SiloPort, settings.GatewayPort, null, settings.ServiceId, settings.ClusterId);
            return;
        }

        silo.UseRedisClustering(redis => redis.ConfigurationOptions = ToOptions(settings.Redis!));
        silo.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = settings.ClusterId;
            cluster.ServiceId = settings.ServiceId;
        });
        silo.UseEndpoints(settings);
    }

    private static void UseEndpoints(this ISiloBuilder silo, SiloSettings settings)
    {
        if ((settings.AdvertisedAddress ?? OutwardAddress.Find()) is { } address)
        {
            silo.ConfigureEndpoints(address, settings.SiloPort, settings.GatewayPort, listenOnAnyHostAddress: true);
        }
        else
        {
            silo.ConfigureEndpoints(settings.SiloPort, settings.GatewayPort, listenOnAnyHostAddress: true);
        }
    }

    /// <summary>What one request may bring must fit into one message to another silo.</summary>
    private static void Configure(SiloMessagingOptions messaging, long maxRequestBytes)
    {
        messaging.MaxMessageBodySize = (int)Math.Clamp(
            maxRequestBytes + MessageBodyReserveBytes, messaging.MaxMessageBodySize, int.MaxValue);
    }

    /// <summary>Redis may come up after us: keep trying instead of failing at the first refusal.</summary>
    private static ConfigurationOptions ToOptions(string connection)
    {
        ConfigurationOptions options = ConfigurationOptions.Parse(connection);
        options.AbortOnConnectFail = false;
        return options;
    }
}
