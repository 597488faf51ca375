namespace ChineseClip.Storage;

// Snapshots. A snapshot is an immutable set of files that stands for a shard's log up to an LSN.
//
// Atomic: PublishAsync makes all files and the description visible at once, durably, or nothing. Fenced: only the holder of the newest epoch
// publishes; the check and the publication are one step. A snapshot is never changed; deleting one leaves those who have it open undisturbed.
// The files of a snapshot may be hard links to those of an earlier one: what is the same is stored once.

/// <summary>Sets of files that stand for a shard's log up to an LSN. See the note above this type.</summary>
/// <remarks>Threads: safe. Removed together with their shard by <see cref="IShardStorage.DeleteShardAsync"/>.</remarks>
public interface ISnapshotStore
{
    /// <summary>Creates an empty local directory for the files of a snapshot to come, where publishing it is cheapest.</summary>
    /// <exception cref="StorageException">Unavailable.</exception>
    string CreateWorkDirectory(string shardKey);

    /// <summary>Publishes the files below a work directory; durable when the task completes. Consumes the directory, also when it fails.</summary>
    /// <param name="shardKey">The shard.</param>
    /// <param name="epoch">The lease of the caller.</param>
    /// <param name="lsn">What the snapshot contains: every record up to this one; 0 for what came from elsewhere, before the log's first record.</param>
    /// <param name="workDirectory">From <see cref="CreateWorkDirectory"/>; subdirectories are allowed; nobody writes to the files any more.</param>
    /// <param name="properties">Kept with the description.</param>
    /// <param name="cancellationToken">Abandons the publication.</param>
    /// <exception cref="StorageException">Fenced when <paramref name="epoch"/> is not the newest; Unavailable.</exception>
    Task<SnapshotDescription> PublishAsync(
        string shardKey,
        long epoch,
        long lsn,
        string workDirectory,
        IReadOnlyDictionary<string, string> properties,
        CancellationToken cancellationToken);

    /// <summary>The snapshots of a shard, newest first. A damaged one is listed, too: <see cref="OpenAsync"/> says what is wrong with it.</summary>
    Task<IReadOnlyList<SnapshotDescription>> ListAsync(string shardKey, CancellationToken cancellationToken);

    /// <summary>Gives a local directory with the files of a snapshot, each checked to be there in its full length.</summary>
    /// <exception cref="StorageException">NotFound; Corrupt (with path and offset); Unavailable.</exception>
    Task<OpenedSnapshot> OpenAsync(string shardKey, string snapshotId, CancellationToken cancellationToken);

    /// <summary>Removes a snapshot from the list at once, and its files when nobody has it open. Does nothing when there is none.</summary>
    Task DeleteAsync(string shardKey, string snapshotId, CancellationToken cancellationToken);
}
