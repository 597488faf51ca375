using ChineseClip.Grains.Configuration;
using ChineseClip.Storage;
using Microsoft.Extensions.Options;

namespace ChineseClip.Grains.Shards;

/// <summary>The storage of this silo: opened before any grain runs, closed after the last one stopped.</summary>
internal sealed class SiloStorage(Func<CancellationToken, Task<IShardStorage>> open, IOptions<ClusterRoleOptions> roles)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private IShardStorage? _shards;

    /// <exception cref="InvalidOperationException">The silo does not have the role <c>shards</c>, or is not running.</exception>
    public IShardStorage Shards => _shards ?? throw new InvalidOperationException(
        HasRole ? "The storage of this silo is closed: the silo is starting or stopping."
            : $"This silo has the roles {roles.Value.Roles} and no storage: a grain that needs one must not be placed on it.");

    private bool HasRole => SiloRoles.Split(roles.Value.Roles).Contains(SiloRoles.Shards);

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(SiloStorage), ServiceLifecycleStage.RuntimeStorageServices, StartAsync, StopAsync);

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        if (HasRole)
        {
            _shards = await open(cancellationToken);
        }
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_shards is { } shards)
        {
            _shards = null;
            await shards.DisposeAsync().ConfigureAwait(false);
        }
    }
}
