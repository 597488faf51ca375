using System.Globalization;
using ChineseClip.Abstractions;
using ChineseClip.Grains.Shards;
using ChineseClip.Grains.Shards.Snapshots;
using ChineseClip.Storage;

namespace ChineseClip.Grains.Collections;

/// <summary>
/// A collection's snapshot in a folder that any cluster can take it from: <c>snapshot.json</c> and a directory for each shard. The
/// description is written last, so a folder without it is not whole.
/// </summary>
internal static class SnapshotExchange
{
    public const int MaxNameLength = 128;
    private const string DescriptionFile = "snapshot.json";

    /// <summary>Whether a name can be that of a folder or a snapshot: no path leads out of where it belongs.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameLength && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');

    public static string ShardDirectory(string folder, int ordinal) =>
        Path.Combine(folder, "shard-" + ordinal.ToString(CultureInfo.InvariantCulture));

    public static async Task ExportAsync(
        IShardStorage storage, CollectionSnapshot snapshot, string folder, CancellationToken cancellationToken)
    {
        try
        {
            foreach (ShardSnapshot shard in snapshot.Shards)
            {
                using OpenedSnapshot source = await storage.Snapshots.OpenAsync(
                    OpenShard.StorageKey(snapshot.Definition, shard.Ordinal), shard.Id, cancellationToken).ConfigureAwait(false);
                string target = ShardDirectory(folder, shard.Ordinal);
                await Task.Run(() => SnapshotCopy.CopyFiles(source.Directory, target, cancellationToken), cancellationToken)
                    .ConfigureAwait(false);
            }

            await File.WriteAllBytesAsync(
                Path.Combine(folder, DescriptionFile), SnapshotDocuments.ToJson(snapshot), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            throw exception is IOException or UnauthorizedAccessException
                ? new ClusterException(ErrorCode.StorageUnavailable, $"{folder} cannot be written: {exception.Message}", exception)
                : exception;
        }
    }

    public static async Task<CollectionSnapshot> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        string file = Path.Combine(folder, DescriptionFile);
        if (!File.Exists(file))
        {
            throw new ClusterException(ErrorCode.NotFound, $"{file} does not exist: the folder holds no whole snapshot.");
        }

        CollectionSnapshot snapshot = SnapshotDocuments.Read(
            await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false), file);
        return snapshot.Shards.Length == snapshot.Definition.Shards
            ? snapshot
            : throw new ClusterException(
                ErrorCode.Corrupt, $"{file} lists {snapshot.Shards.Length} shards; the collection has {snapshot.Definition.Shards}.");
    }
}
