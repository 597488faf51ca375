namespace ChineseClip.Storage;

// The storage contract. Every implementation keeps it, and the conformance suite in the tests checks it.
//
// Words. A shard log is a sequence of records numbered 1, 2, 3, … (LSN, no gaps). The lease of a shard is its epoch: opening the log takes
// epoch + 1, durably, before anything else; only the holder of the newest epoch appends.
//
// Durable when. AppendAsync has returned => every record of that call survives the death of the process and of the machine. WriteAsync and
// DeleteAsync of documents, and DeleteShardAsync: the same. Anything not acknowledged (an exception, a crash before the return) may be found
// after the next open, or not; so a caller that reopens a log must read what lies after the last record it applied, and apply that too.
//
// Atomic what. One record is there whole or not at all. The records of one AppendAsync are contiguous and in order, but a crash before the
// acknowledgement may keep a prefix of them. A document is replaced whole: readers see the old or the new one.
//
// Order. Calls of AppendAsync are given LSNs in the order in which they were made (a call is made when it returns its task).
//
// Failure. After a failed write or sync, or a commit that was not answered, the log acknowledges nothing more: every append is refused as
// Unavailable until the log is opened again. Reading what was acknowledged goes on. A handle whose epoch is no longer the newest is refused as
// Fenced. Damage in what had been acknowledged is refused as Corrupt with its place, never skipped: by files at the opening, which reads the log from
// the first byte to the last (an incomplete record at the very end, as a crash leaves it, is dropped); by PostgreSQL when the record is read, the
// opening looks at the oldest and the newest.

/// <summary>Durable shard logs and documents. See the protocol note above this type.</summary>
/// <remarks>Threads: safe.</remarks>
public interface IShardStorage : IAsyncDisposable
{
    /// <summary>Small named documents, such as collection definitions.</summary>
    IDocumentStore Documents { get; }

    /// <summary>Snapshots of shards.</summary>
    ISnapshotStore Snapshots { get; }

    /// <summary>Whether other processes can read a shard's log while its holder appends: false for files, true for PostgreSQL.</summary>
    bool AllowsReaders { get; }

    /// <summary>Opens or creates the log of a shard: takes the lease (epoch + 1), which fences every older handle, then verifies and recovers.</summary>
    /// <param name="shardKey">Names the shard, for example <c>collection/3</c>; any text of 1 to 512 UTF-8 bytes without control characters.</param>
    /// <param name="cancellationToken">Abandons the recovery; the lease may have been taken.</param>
    /// <exception cref="StorageException">Corrupt (with path and offset), or Unavailable.</exception>
    Task<IShardLog> OpenLogAsync(string shardKey, CancellationToken cancellationToken);

    /// <summary>Begins to read a shard's log without taking its lease.</summary>
    /// <exception cref="NotSupportedException">Not <see cref="AllowsReaders"/>.</exception>
    /// <exception cref="StorageException">Unavailable.</exception>
    Task<IShardLogReader> OpenReaderAsync(string shardKey, CancellationToken cancellationToken);

    /// <summary>Fences every handle of the shard and removes its log, its snapshots and its lease. Does nothing when there is none.</summary>
    Task DeleteShardAsync(string shardKey, CancellationToken cancellationToken);
}
