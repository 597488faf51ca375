using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Inference;
using ChineseClip.Grains.Tests.Fakes;
using ChineseClip.Storage;
using ChineseClip.Storage.Files;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace ChineseClip.Grains.Tests;

/// <summary>Real silos in this process, with files in a directory that lives as long as the test.</summary>
internal sealed class TestSilos : IAsyncDisposable
{
    private readonly Func<FileShardStorage, IShardStorage> _wrap;
    private readonly IModelCatalog _catalog;
    private readonly string[] _roles;
    private readonly Dictionary<string, string?> _settings;
    private readonly bool _isShared;
    private InProcessTestCluster? _cluster;

    private TestSilos(IModelCatalog catalog, Func<FileShardStorage, IShardStorage> wrap, string[] roles, Dictionary<string, string?> settings, bool isShared)
    {
        _catalog = catalog;
        _wrap = wrap;
        _roles = roles;
        _settings = settings;
        _isShared = isShared || roles.Length > 1;
    }

    public DirectoryInfo Directory { get; } = System.IO.Directory.CreateTempSubdirectory("chineseclip-grains-");

    /// <summary>Opens the storage of one silo; null for files that all share.</summary>
    private Func<CancellationToken, Task<IShardStorage>>? Open { get; init; }

    public IGrainFactory Grains => _cluster!.Client;

    public InProcessTestCluster Cluster => _cluster!;

    /// <summary>Starts one silo for each list of roles; one storage serves them all, and with isShared those that are started later.</summary>
    public static async Task<TestSilos> StartAsync(
        IModelCatalog? catalog = null, Func<FileShardStorage, IShardStorage>? wrap = null,
        Dictionary<string, string?>? settings = null, bool isShared = false, Func<CancellationToken, Task<IShardStorage>>? open = null, params string[] roles)
    {
        TestSilos silos = new(
            catalog ?? new FakeCatalog(new FakeModel()), wrap ?? (storage => storage), roles.Length == 0 ? [SiloRoles.All] : roles,
            settings ?? [], isShared)
        {
            Open = open,
        };
        await silos.DeployAsync();
        return silos;
    }

    public static async Task<ClusterException> FailsAsync(ErrorCode code, Func<Task> call)
    {
        ClusterException exception = await Assert.ThrowsAsync<ClusterException>(call);
        Assert.True(code == exception.Code, $"{exception.Code}: {exception.Message}");
        return exception;
    }

    public async Task RestartAsync()
    {
        await _cluster!.DisposeAsync();
        await DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster!.DisposeAsync();
        Directory.Delete(recursive: true);
    }

    private async Task DeployAsync()
    {
        Lazy<IShardStorage> storage = new(() =>
        {
            IShardStorage wrapped = _wrap(FileShardStorage.Open(new FileStorageOptions { Directory = Directory.FullName }));
            return _isShared ? new SharedStorage(wrapped) : wrapped;
        });
        InProcessTestClusterBuilder builder = new((short)_roles.Length);
        int next = -1;
        builder.ConfigureSilo((_, silo) =>
        {
            string roles = _roles[Interlocked.Increment(ref next) % _roles.Length];
            IConfiguration configuration = new ConfigurationBuilder()
                .AddInMemoryCollection(new Dictionary<string, string?>(_settings) { ["Cluster:Roles"] = roles })
                .Build();
            silo.Services.AddSingleton(_catalog);
            silo.Services.AddSingleton<Func<CancellationToken, Task<IShardStorage>>>(Open ?? (_ => Task.FromResult(storage.Value)));
            silo.AddChineseClip(configuration);
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }
}
