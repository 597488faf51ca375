using ChineseClip.Storage;

namespace ChineseClip.Grains.Shards;

/// <summary>The storage of this silo: opened before any grain runs, closed after the last one stopped.</summary>
internal sealed class SiloStorage(Func<IShardStorage> open) : ILifecycleParticipant<ISiloLifecycle>
{
    private IShardStorage? _shards;

    /// <exception cref="InvalidOperationException">The silo does not have the role <c>shards</c>, or is not running.</exception>
    public IShardStorage Shards => _shards ?? throw new InvalidOperationException("The storage of this silo is not open.");

    public bool IsOpen => _shards is not null;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(SiloStorage), ServiceLifecycleStage.RuntimeStorageServices, StartAsync, StopAsync);

    private Task StartAsync(CancellationToken cancellationToken) => Task.Run(() => _shards = open(), cancellationToken);

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_shards is { } shards)
        {
            _shards = null;
            await shards.DisposeAsync().ConfigureAwait(false);
        }
    }
}
