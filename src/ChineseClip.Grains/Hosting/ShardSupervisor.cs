using ChineseClip.Abstractions;
using ChineseClip.Grains.Configuration;
using ChineseClip.Grains.Placement;
using ChineseClip.Grains.Shards;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace ChineseClip.Grains.Hosting;

// Who acts: of the active silos with the role shards the one with the smallest address. Which one that is follows from the membership; two
// of them for a moment do no harm, since waking is idempotent and a move is a placement like any other.
//   waking     when a silo comes or goes, every copy of every shard is asked for its state, which activates those that are nowhere
//   balancing  when silos and places have stayed the same for Cluster:BalanceAfter and every copy is ready, one copy moves (ShardMove); the
//              next one only when it is ready in its new place. Waiting for quiet keeps a silo that restarts, or one that is giving its
//              shards away before it stops, from being filled up meanwhile. Two copies of one shard on one silo are parted at once: until
//              then the end of that silo is the end of both, and only a reader moves, while its primary answers.
//   leaving    a silo that stops gives its shards to the others first, one after the other, while it still serves the rest
// What a move costs: writes and searches of that shard wait while it closes here and opens there; none of them fails because of it.

/// <summary>Keeps the shards awake and evenly spread. See the note above this type.</summary>
internal sealed class ShardSupervisor(
    IGrainFactory grains, IClusterMembershipService membership, ISiloMetadataCache metadata, ILocalSiloDetails local, LocalShards shards,
    IOptions<ClusterRoleOptions> options, TimeProvider time, ILogger<ShardSupervisor> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private static readonly TimeSpan WhileChanging = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan WhileQuiet = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestMove = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _changed = new(0);
    private Task _working = Task.CompletedTask;
    private string _seen = "";
    private long _seenAt;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(ShardSupervisor), ServiceLifecycleStage.Active + 1, StartAsync, StopAsync);

    public void Dispose()
    {
        _stopping.Dispose();
        _changed.Dispose();
    }

    private Task StartAsync(CancellationToken cancellationToken)
    {
        if (SiloRoles.Split(options.Value.Roles).Contains(SiloRoles.Shards))
        {
            // Not awaited: the silo is up while its shards read their logs; readiness tells when they are done.
            _working = Task.WhenAll(Task.Run(WorkAsync, CancellationToken.None), Task.Run(ListenAsync, CancellationToken.None));
        }

        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await LeaveAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsPassing(exception) || exception is OperationCanceledException)
        {
            logger.LeavingFailed(exception);
        }
    }

    private async Task ListenAsync()
    {
        await foreach (ClusterMembershipSnapshot _ in membership.MembershipUpdates.WithCancellation(_stopping.Token).ConfigureAwait(false))
        {
            _changed.Release();
        }
    }

    private async Task WorkAsync()
    {
        while (true)
        {
            TimeSpan pause = WhileQuiet;
            SiloAddress[] silos = Silos();
            if (silos.Length > 0 && silos[0].Equals(local.SiloAddress))
            {
                try
                {
                    pause = await SuperviseAsync(silos).ConfigureAwait(false) ? WhileQuiet : WhileChanging;
                }
                catch (Exception exception) when (IsPassing(exception))
                {
                    logger.WakingFailed(exception);
                    pause = WhileChanging;
                }
            }

            pause = pause > options.Value.BalanceAfter ? options.Value.BalanceAfter : pause;
            await _changed.WaitAsync(pause, _stopping.Token).ConfigureAwait(false);
        }
    }

    // Whether all is quiet.
    private async Task<bool> SuperviseAsync(SiloAddress[] silos)
    {
        PlacedCopy[]? copies = await PlacesAsync().ConfigureAwait(false);
        if (copies is null)
        {
            return false;
        }

        string now = Describe(silos, copies);
        bool isNew = now != _seen;
        if (isNew)
        {
            (_seen, _seenAt) = (now, time.GetTimestamp());
        }

        Dictionary<string, SiloAddress> byName = silos.ToDictionary(silo => silo.ToString(), StringComparer.Ordinal);
        ShardMove? move = ShardMove.Next(copies, byName.Keys);
        bool waits = move is not { IsUrgent: true };
        if (waits && isNew)
        {
            return silos.Length == 1;
        }

        if (waits && time.GetElapsedTime(_seenAt) < options.Value.BalanceAfter)
        {
            return false;
        }

        if (move is null)
        {
            return true;
        }

        await MoveAsync(move.Copy, byName[move.Target], _stopping.Token).ConfigureAwait(false);
        PlacedCopy[] moved = [.. copies.Select(copy => copy == move.Copy ? copy with { Silo = move.Target } : copy)];
        _seen = Describe(silos, moved);    // what we did ourselves is no reason to wait
        return false;
    }

    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        SiloAddress[] others = [.. Silos().Where(silo => !silo.Equals(local.SiloAddress))];
        if (others.Length == 0 || membership.CurrentSnapshot.GetSiloStatus(local.SiloAddress) == SiloStatus.Dead)
        {
            return;    // nobody to give them to; or they are elsewhere already
        }

        int next = 0;
        foreach ((string key, IShardGrain shard) in shards.All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            SiloAddress target = others[next++ % others.Length];
            await shard.HandOverAsync(target, cancellationToken).ConfigureAwait(false);
            await ArrivedAsync(shard, target, cancellationToken).ConfigureAwait(false);
            logger.ShardHandedOver(key, target.ToString());
        }
    }

    private async Task MoveAsync(PlacedCopy copy, SiloAddress target, CancellationToken cancellationToken)
    {
        IShardReads shard;
        if (copy.Replica == 0)
        {
            IShardGrain primary = grains.Shard(copy.Collection, copy.Ordinal);
            await primary.HandOverAsync(target, cancellationToken).ConfigureAwait(false);
            shard = primary;
        }
        else
        {
            IShardReaderGrain reader = grains.ShardReader(copy.Collection, copy.Ordinal, copy.Replica);
            await reader.HandOverAsync(target, cancellationToken).ConfigureAwait(false);
            shard = reader;
        }

        await ArrivedAsync(shard, target, cancellationToken).ConfigureAwait(false);
        logger.ShardHandedOver(copy.Name, target.ToString());
    }

    private async Task ArrivedAsync(IShardReads shard, SiloAddress target, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        while (time.GetElapsedTime(start) < LongestMove)
        {
            ShardState state = await shard.DescribeAsync(cancellationToken).ConfigureAwait(false);
            if (state.Silo == target.ToString() && state.Status is ShardStatus.Ready or ShardStatus.Rebuilding)
            {
                return;
            }

            await Task.Delay(BetweenLooks, time, cancellationToken).ConfigureAwait(false);
        }
    }

    // Asking for its state is what wakes a copy. Null while one of them is not ready.
    private async Task<PlacedCopy[]?> PlacesAsync()
    {
        List<PlacedCopy> copies = [];
        bool isReady = true;
        foreach (CollectionDefinition definition in await grains.Collections().ListAsync(_stopping.Token).ConfigureAwait(false))
        {
            CollectionDescription description = await grains.Collections().DescribeAsync(definition.Name, _stopping.Token)
                .ConfigureAwait(false);
            foreach (ShardState state in description.Shards.Concat(description.Readers))
            {
                isReady &= state.Status == ShardStatus.Ready;
                copies.Add(new PlacedCopy(state.Collection, state.Ordinal, state.Replica, state.Silo ?? ""));
            }
        }

        return isReady ? [.. copies] : null;
    }

    private SiloAddress[] Silos() =>
    [
        .. membership.CurrentSnapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active
                && RoleFilterDirector.Roles(metadata, member.SiloAddress).Contains(SiloRoles.Shards))
            .Select(member => member.SiloAddress)
            .Order(),
    ];

    private static string Describe(SiloAddress[] silos, PlacedCopy[] copies) => string.Join(
        '|', silos.Select(silo => silo.ToString()).Concat(copies.Select(copy => $"{copy.Name}@{copy.Silo}").Order(StringComparer.Ordinal)));

    private static bool IsPassing(Exception exception) => exception is ClusterException or OrleansException or TimeoutException;
}
