using System.Diagnostics;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Collections;
using ChineseClip.Grains.Configuration;
using ChineseClip.Storage;
using ChineseClip.Vectors.Persistence;

namespace ChineseClip.Grains.Shards.Snapshots;

/// <summary>Takes the snapshots of an open shard, one at a time: when enough was written, when it stops, or when told to.</summary>
/// <remarks>
/// The log is truncated behind the second newest snapshot, so that one damaged snapshot costs nothing but time. Older ones are deleted,
/// unless they are part of a collection's snapshot.
/// Threads: safe.
/// </remarks>
internal sealed class SnapshotKeeper(ShardHost host, CollectionDefinition definition, int ordinal, RecoveredShard recovered)
    : IAsyncDisposable
{
    private const int Kept = 2;

    private readonly string _key = OpenShard.StorageKey(definition, ordinal);
    private readonly SemaphoreSlim _turn = new(1);
    private OpenedSnapshot? _newest = recovered.Source;
    private long _itemsSince;
    private long _bytesSince;
    private long _lastTry = host.Time.GetTimestamp();

    /// <summary>The newest snapshot; null when there is none.</summary>
    public SnapshotDescription? Newest => _newest?.Description;

    public void Count(ShardWrite write, int bytes)
    {
        Interlocked.Add(ref _itemsSince, write.Upserts.Length + write.Deletes.Length);
        Interlocked.Add(ref _bytesSince, bytes);
    }

    /// <summary>Whether enough was written since the last one, and none is being taken.</summary>
    public bool IsDue(SnapshotOptions options) =>
        (Interlocked.Read(ref _itemsSince) >= options.AfterItems || Interlocked.Read(ref _bytesSince) >= options.AfterBytes)
        && _turn.CurrentCount > 0
        && host.Time.GetElapsedTime(Interlocked.Read(ref _lastTry)) >= options.Interval;

    public bool IsWorthIt(SnapshotOptions options) => Interlocked.Read(ref _itemsSince) >= options.AtStopAfterItems;

    /// <summary>Takes a snapshot.</summary>
    /// <param name="capture">Gives the shard as it is at one LSN; null when it cannot now.</param>
    /// <param name="log">The log under whose lease it is published.</param>
    /// <param name="partOf">The collection's snapshot that it is a part of.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    /// <returns>Null when there was nothing to capture.</returns>
    public async Task<SnapshotDescription?> TakeAsync(
        Func<Task<ShardImage?>> capture, Func<IShardLog> log, string? partOf, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            long start = host.Time.GetTimestamp();
            Interlocked.Exchange(ref _lastTry, start);
            (long items, long bytes) = (Interlocked.Read(ref _itemsSince), Interlocked.Read(ref _bytesSince));
            using ShardImage? image = await capture().ConfigureAwait(false);
            if (image is null)
            {
                return null;
            }

            SnapshotDescription taken = await PublishAsync(image, log().Epoch, partOf, cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref _itemsSince, -items);
            Interlocked.Add(ref _bytesSince, -bytes);
            await TidyAsync(log(), cancellationToken).ConfigureAwait(false);
            host.Logger.SnapshotTaken(
                _key, taken.Id, taken.Lsn, taken.Bytes, (long)host.Time.GetElapsedTime(start).TotalMilliseconds);
            return taken;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Deletes the snapshots that nobody needs: not among the newest, and not part of a collection's snapshot.</summary>
    public static async Task TidyAsync(
        IShardStorage storage, CollectionDefinition definition, int ordinal, CancellationToken cancellationToken)
    {
        string key = OpenShard.StorageKey(definition, ordinal);
        SnapshotDocuments documents = new(storage.Documents);
        foreach (SnapshotDescription old in (await ListAsync(storage, key, cancellationToken).ConfigureAwait(false)).Skip(Kept))
        {
            string? whole = old.Properties.GetValueOrDefault(SnapshotProperties.PartOf);
            if (whole is null
                || await documents.FindAsync(definition.Name, whole, cancellationToken).ConfigureAwait(false) is null)
            {
                await storage.Snapshots.DeleteAsync(key, old.Id, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits for the snapshot that is being taken.</summary>
    public async ValueTask DisposeAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        _newest?.Dispose();
        _turn.Dispose();
    }

    private async Task<SnapshotDescription> PublishAsync(
        ShardImage image, long epoch, string? partOf, CancellationToken cancellationToken)
    {
        using Activity? activity = Telemetry.GrainsTelemetry.Activities.StartActivity("shard.snapshot");
        string directory = host.Storage.Snapshots.CreateWorkDirectory(_key);
        try
        {
            IndexSnapshotReport report = await Task.Run(
                () => SnapshotLayout.Write(directory, image, _newest?.Directory, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (report.PreviousProblem is { } problem)
            {
                host.Logger.SnapshotNotShared(_key, problem);
            }
        }
        catch
        {
            Directory.Delete(directory, recursive: true);
            throw;
        }

        SnapshotDescription taken = await host.Storage.Snapshots.PublishAsync(
            _key, epoch, image.Lsn, directory, SnapshotProperties.Of(definition, image.Entries.Length, partOf), cancellationToken)
            .ConfigureAwait(false);
        OpenedSnapshot opened = await host.Storage.Snapshots.OpenAsync(_key, taken.Id, cancellationToken).ConfigureAwait(false);
        _newest?.Dispose();
        _newest = opened;
        return taken;
    }

    // The log goes before the snapshots that have made it superfluous.
    private async Task TidyAsync(IShardLog log, CancellationToken cancellationToken)
    {
        foreach (string bad in recovered.BadSnapshots)    // what cannot be used must not count
        {
            await host.Storage.Snapshots.DeleteAsync(_key, bad, cancellationToken).ConfigureAwait(false);
        }

        SnapshotDescription[] snapshots = await ListAsync(host.Storage, _key, cancellationToken).ConfigureAwait(false);
        if (snapshots.Length >= Kept && snapshots[Kept - 1].Lsn is > 0 and long lsn)
        {
            await log.TruncateAsync(lsn, cancellationToken).ConfigureAwait(false);
        }

        await TidyAsync(host.Storage, definition, ordinal, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<SnapshotDescription[]> ListAsync(IShardStorage storage, string key, CancellationToken cancellationToken) =>
    [
        .. (await storage.Snapshots.ListAsync(key, cancellationToken).ConfigureAwait(false))
            .OrderByDescending(snapshot => snapshot.Lsn),
    ];
}
