using System.Globalization;
using ChineseClip.Abstractions;
using ChineseClip.Storage;

namespace ChineseClip.Grains.Shards.Snapshots;

/// <summary>Makes the files of one shard's snapshot what another shard begins with.</summary>
internal static class SnapshotCopy
{
    /// <summary>Publishes a copy as the first snapshot of a shard that has no log yet: it stands before the log's first record.</summary>
    /// <param name="storage">Where.</param>
    /// <param name="directory">The files; they are only read.</param>
    /// <param name="definition">The collection that the copy becomes a part of.</param>
    /// <param name="ordinal">Its shard.</param>
    /// <param name="epoch">The lease of the caller.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    public static async Task<SnapshotDescription> PublishAsync(
        IShardStorage storage, string directory, CollectionDefinition definition, int ordinal, long epoch,
        CancellationToken cancellationToken)
    {
        string key = OpenShard.StorageKey(definition, ordinal);
        string work = storage.Snapshots.CreateWorkDirectory(key);
        long itemCount;
        try
        {
            await Task.Run(() => CopyFiles(directory, work, cancellationToken), cancellationToken).ConfigureAwait(false);
            itemCount = EntriesFile.ReadItemCount(Path.Combine(work, EntriesFile.Name));
        }
        catch
        {
            Directory.Delete(work, recursive: true);
            throw;
        }

        return await storage.Snapshots.PublishAsync(
            key, epoch, lsn: 0, work, SnapshotProperties.Of(definition, itemCount, partOf: null), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Copies the files that <see cref="SnapshotLayout"/> knows; what the storage keeps beside them stays behind.</summary>
    /// <exception cref="ClusterException">Corrupt: the files are not there.</exception>
    public static void CopyFiles(string from, string to, CancellationToken cancellationToken)
    {
        try
        {
            foreach (string file in SnapshotLayout.Files(from))
            {
                cancellationToken.ThrowIfCancellationRequested();
                string target = Path.Combine(to, Path.GetRelativePath(from, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ClusterException(
                ErrorCode.Corrupt, string.Create(CultureInfo.InvariantCulture, $"{from} is no snapshot: {exception.Message}"), exception);
        }
    }
}
