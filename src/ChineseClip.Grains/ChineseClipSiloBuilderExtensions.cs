using ChineseClip.Grains.Collections;
using ChineseClip.Grains.Concurrency;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Gateway;
using ChineseClip.Grains.Hosting;
using ChineseClip.Grains.Inference;
using ChineseClip.Grains.Placement;
using ChineseClip.Grains.Shards;
using ChineseClip.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace ChineseClip.Grains;

/// <summary>Makes a silo one of ours.</summary>
public static class ChineseClipSiloBuilderExtensions
{
    // Our own deadlines are shorter; this only keeps Orleans from giving up on a large batch before its caller does.
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Registers the grains' services, options (validated when the host starts), placement, and the waking of shards.
    /// Clustering, ports and the cluster's id stay with the caller. A model catalog or a time provider registered before is kept.
    /// </summary>
    public static ISiloBuilder AddChineseClip(this ISiloBuilder silo, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(configuration);
        AddOptions(silo.Services, configuration);
        AddPlacement(silo, configuration);
        AddServices(silo.Services);
        silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = ResponseTimeout);
        silo.Configure<ClusterMembershipOptions>(Configure);
        silo.AddIncomingGrainCallFilter<ErrorTranslation>();
        return silo;
    }

    /// <summary>
    /// A killed silo is voted out after three missed probes of one second: with Orleans' defaults calls to its grains
    /// hang for over ten seconds.
    /// </summary>
    private static void Configure(ClusterMembershipOptions membership)
    {
        membership.ProbeTimeout = TimeSpan.FromSeconds(1);
        membership.NumMissedProbesLimit = 3;
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(10);
    }

    private static void AddOptions(IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptionsWithValidateOnStart<InferenceOptions, InferenceBounds>()
            .Bind(configuration.GetSection(InferenceOptions.Section))
            .PostConfigure(options => ConfigurationLists.ReadCommas(
                configuration.GetSection(InferenceOptions.Section), nameof(options.ExecutionProviders), options.ExecutionProviders));
        services.AddSingleton<IValidateOptions<InferenceOptions>, InferenceRules>();
        services.AddOptionsWithValidateOnStart<ImageOptions, ImageBounds>()
            .Bind(configuration.GetSection(ImageOptions.Section))
            .PostConfigure(options =>
            {
                IConfigurationSection section = configuration.GetSection(ImageOptions.Section);
                ConfigurationLists.ReadCommas(section, nameof(options.AllowedUrlHosts), options.AllowedUrlHosts);
                ConfigurationLists.ReadCommas(section, nameof(options.AllowedPathRoots), options.AllowedPathRoots);
            });
        services.AddOptionsWithValidateOnStart<SearchOptions, SearchBounds>()
            .Bind(configuration.GetSection(SearchOptions.Section));
        services.AddOptionsWithValidateOnStart<SnapshotOptions, SnapshotBounds>()
            .Bind(configuration.GetSection(SnapshotOptions.Section));
        services.AddOptionsWithValidateOnStart<LearningOptions, LearningBounds>()
            .Bind(configuration.GetSection(LearningOptions.Section));
        services.AddOptionsWithValidateOnStart<StorageOptions, StorageRules>()
            .Bind(configuration.GetSection(StorageOptions.Section))
            .PostConfigure(options => options.ConnectionString ??= configuration.GetConnectionString(StorageOptions.ConnectionName));
        services.AddOptionsWithValidateOnStart<ClusterRoleOptions, ClusterRoleRules>()
            .Bind(configuration.GetSection(ClusterRoleOptions.Section));
        services.AddSingleton<IValidateOptions<ClusterRoleOptions>, ClusterRoleBounds>();
    }

    private static void AddPlacement(ISiloBuilder silo, IConfiguration configuration)
    {
        string roles = configuration.GetSection(ClusterRoleOptions.Section)[nameof(ClusterRoleOptions.Roles)] ?? SiloRoles.All;
        silo.UseSiloMetadata(new Dictionary<string, string> { [SiloRoles.MetadataKey] = roles });
        silo.Services.AddPlacementFilter<RoleFilter, RoleFilterDirector>(ServiceLifetime.Transient);    // each grain type has its role
        silo.Services.AddPlacementDirector<EvenSpread, EvenSpreadDirector>();
    }

    private static void AddServices(IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IModelCatalog, PackageCatalog>();
        services.AddSingleton<StorageOpening>();
        services.TryAddSingleton<Func<CancellationToken, Task<IShardStorage>>>(
            provider => provider.GetRequiredService<StorageOpening>().OpenAsync);
        services.AddSingleton<SiloStorage>();
        services.AddSingleton(provider => new StorageProbe(
            provider.GetRequiredService<SiloStorage>(), provider.GetRequiredService<IOptions<ClusterRoleOptions>>()));
        services.AddSingleton<CollectionStore>();
        services.AddSingleton<CollectionCache>();
        services.AddSingleton<EncoderChoice>();
        services.AddSingleton<ShardReadRouter>();
        services.AddSingleton<GatewayServices>();
        services.AddSingleton<LocalShards>();
        services.AddSingleton(provider =>
        {
            SearchOptions options = provider.GetRequiredService<IOptions<SearchOptions>>().Value;
            return new SearchPool(options.MaxConcurrency, options.MaxQueueLength);
        });
        services.AddSingleton(provider => new LearningTurns(
            provider.GetRequiredService<SearchPool>().Pool,
            provider.GetRequiredService<TimeProvider>(),
            () => Environment.CpuUsage.TotalTime));
        services.AddSingleton(provider =>
            new DecodePool(provider.GetRequiredService<IOptions<ImageOptions>>().Value.DecodeConcurrency));
        services.AddSingleton<ShardSupervisor>();
        services.AddSingleton<AcceleratorCheck>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<SiloStorage>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<AcceleratorCheck>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<ShardSupervisor>());
    }
}
