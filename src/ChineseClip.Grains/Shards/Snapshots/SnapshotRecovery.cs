using System.Globalization;
using ChineseClip.Abstractions;
using ChineseClip.Storage;
using ChineseClip.Vectors;

namespace ChineseClip.Grains.Shards.Snapshots;

/// <summary>
/// Finds the newest snapshot that can be used. One that cannot is told as an error and left; an older one, or the whole log, takes its
/// place. Where neither reaches back far enough, the vectors of a snapshot whose graph alone is damaged do; and where there are none
/// either, the shard is refused as corrupt: it never opens with less than it had.
/// </summary>
internal static class SnapshotRecovery
{
    /// <param name="host">Storage and log.</param>
    /// <param name="definition">The collection.</param>
    /// <param name="ordinal">The shard.</param>
    /// <param name="log">Where its log begins and ends, and the lease.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    public static async Task<RecoveredShard> OpenAsync(
        ShardHost host, CollectionDefinition definition, int ordinal, LogPosition log, CancellationToken cancellationToken)
    {
        string key = OpenShard.StorageKey(definition, ordinal);
        List<string> problems = [];
        List<string> bad = [];
        IReadOnlyList<SnapshotDescription> snapshots = await host.Storage.Snapshots.ListAsync(key, cancellationToken).ConfigureAwait(false);
        foreach (SnapshotDescription snapshot in snapshots)
        {
            OpenedSnapshot? source = null;
            try
            {
                Check(snapshot, definition, log);
                source = await host.Storage.Snapshots.OpenAsync(key, snapshot.Id, cancellationToken).ConfigureAwait(false);
                (HnswIndex index, EntryTable entries, List<KeyValuePair<Guid, ShardWriteAnswer>> operations) =
                    await Task.Run(() => SnapshotLayout.Read(source.Directory), cancellationToken).ConfigureAwait(false);
                return new RecoveredShard(new ShardContents(ordinal, log.Epoch, index, entries, snapshot.Lsn), operations, source, bad);
            }
            catch (Exception exception) when (IsDamage(exception))
            {
                source?.Dispose();
                host.Logger.SnapshotBad(key, snapshot.Id, exception.Message);
                bad.Add(snapshot.Id);
                problems.Add($"{snapshot.Id}: {exception.Message}");
            }
            catch
            {
                source?.Dispose();
                throw;
            }
        }

        if (log.FirstLsn <= 1 && definition.RestoredFrom is null)
        {
            return new RecoveredShard(new ShardContents(definition, ordinal, log.Epoch), [], null, bad);
        }

        return await RebuildAsync(host, definition, ordinal, log, snapshots, bad, cancellationToken).ConfigureAwait(false)
            ?? throw new ClusterException(ErrorCode.Corrupt, Explain(key, definition, log, problems));
    }

    // The last resort: the newest snapshot whose vectors and entries are whole. Its graph is made anew while the shard compares the vectors.
    private static async Task<RecoveredShard?> RebuildAsync(
        ShardHost host, CollectionDefinition definition, int ordinal, LogPosition log, IReadOnlyList<SnapshotDescription> snapshots,
        List<string> bad, CancellationToken cancellationToken)
    {
        string key = OpenShard.StorageKey(definition, ordinal);
        foreach (SnapshotDescription snapshot in snapshots)
        {
            try
            {
                Check(snapshot, definition, log);
                using OpenedSnapshot source = await host.Storage.Snapshots.OpenAsync(key, snapshot.Id, cancellationToken).ConfigureAwait(false);
                (List<(ShardEntry Entry, float[] Vector)> items, List<KeyValuePair<Guid, ShardWriteAnswer>> operations) =
                    await Task.Run(() => SnapshotLayout.ReadWithoutGraph(source.Directory), cancellationToken).ConfigureAwait(false);
                host.Logger.GraphLost(key, snapshot.Id);
                return new RecoveredShard(
                    ShardContents.Unlinked(definition, ordinal, log.Epoch, snapshot.Lsn, items), operations, null, bad);
            }
            catch (Exception exception) when (IsDamage(exception))
            {
                // It has been told already; the next one.
            }
        }

        return null;
    }

    private static bool IsDamage(Exception exception) =>
        exception is ClusterException { Code: ErrorCode.Corrupt }
            or StorageException { Error: StorageError.Corrupt or StorageError.NotFound or StorageError.Incompatible };

    private static void Check(SnapshotDescription snapshot, CollectionDefinition definition, LogPosition log)
    {
        string? version = snapshot.Properties.GetValueOrDefault(SnapshotProperties.FormatVersion);
        string? model = snapshot.Properties.GetValueOrDefault(SnapshotProperties.ModelSha256);
        string? problem =
            snapshot.Properties.Count == 0 ? "its description is damaged"
            : version != SnapshotLayout.FormatVersion ? $"its format is {version}; this version reads {SnapshotLayout.FormatVersion}"
            : model != (definition.ModelSha256 ?? "") ? $"it is of the model {model}, the collection of {definition.ModelSha256}"
            : snapshot.Lsn > log.LastLsn ? Text($"it holds records up to {snapshot.Lsn}, but the log ends at {log.LastLsn}")
            : snapshot.Lsn + 1 < log.FirstLsn ? Text($"it holds records up to {snapshot.Lsn}, but the log begins at {log.FirstLsn}")
            : null;
        if (problem is not null)
        {
            throw new ClusterException(ErrorCode.Corrupt, problem + ".");
        }
    }

    private static string Explain(string key, CollectionDefinition definition, LogPosition log, List<string> problems)
    {
        string why = log.FirstLsn > 1
            ? Text($"its log begins at {log.FirstLsn}")
            : $"it was restored from the snapshot {definition.RestoredFrom}, which the log does not hold";
        string tried = problems.Count == 0 ? "There is none." : string.Join(" ", problems);
        return $"The shard {key} has no snapshot that can be used, and {why}. {tried}";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
