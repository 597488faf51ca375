using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ChineseClip.Grains.Hosting;

/// <summary>Wakes every shard when a silo with the role <c>shards</c> has started, so that none waits for its first search.</summary>
internal sealed class ShardWaker(
    IGrainFactory grains, IOptions<ClusterRoleOptions> roles, TimeProvider time, ILogger<ShardWaker> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stopping = new();
    private Task _waking = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(ShardWaker), ServiceLifecycleStage.Active + 1, StartAsync, StopAsync);

    public void Dispose() => _stopping.Dispose();

    private Task StartAsync(CancellationToken cancellationToken)
    {
        if (SiloRoles.Split(roles.Value.Roles).Contains(SiloRoles.Shards))
        {
            // Not awaited: the silo is up while its shards read their logs; readiness tells when they are done.
            _waking = Task.Run(() => WakeAsync(_stopping.Token), CancellationToken.None);
        }

        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _waking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                foreach (CollectionDefinition definition in await grains.Collections().ListAsync(cancellationToken))
                {
                    await Task.WhenAll(Enumerable.Range(0, definition.Shards)
                        .Select(ordinal => WakeAsync(grains.Shard(definition.Name, ordinal), cancellationToken)));
                }

                return;
            }
            catch (Exception exception) when (exception is ClusterException or OrleansException or TimeoutException)
            {
                // The cluster may still be forming.
                logger.WakingFailed(exception);
            }

            await Task.Delay(BetweenTries, time, cancellationToken);
        }
    }

    private static async Task WakeAsync(IShardGrain shard, CancellationToken cancellationToken)
    {
        try
        {
            await shard.DescribeAsync(cancellationToken);
        }
        catch (ClusterException exception) when (exception.Code == ErrorCode.Corrupt)
        {
            // It is awake and has logged its damage.
        }
    }
}
