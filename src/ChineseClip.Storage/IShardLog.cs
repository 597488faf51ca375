namespace ChineseClip.Storage;

/// <summary>The append-only log of one shard, held under one epoch.</summary>
/// <remarks>Threads: safe.</remarks>
public interface IShardLog : IAsyncDisposable
{
    /// <summary>The name of the shard.</summary>
    string ShardKey { get; }

    /// <summary>The LSN of the oldest record that can still be read; <see cref="LastLsn"/> + 1 when there is none.</summary>
    long FirstLsn { get; }

    /// <summary>The LSN of the last durable record; 0 for a log that never had one.</summary>
    long LastLsn { get; }

    /// <summary>The lease under which this handle appends; 1 for the first handle of a shard.</summary>
    long Epoch { get; }

    /// <summary>Streams the durable records with LSN &gt; <paramref name="afterLsn"/>, up to what is durable when the enumeration begins.</summary>
    /// <exception cref="StorageException">Corrupt, or the records just after <paramref name="afterLsn"/> were truncated away.</exception>
    IAsyncEnumerable<LogRecord> ReadAsync(long afterLsn, CancellationToken cancellationToken);

    /// <summary>Appends records; they are durable when the task completes. Concurrent calls share one sync.</summary>
    /// <param name="bodies">1 or more bodies; they must not change until the task has completed.</param>
    /// <param name="cancellationToken">Heeded until the records are taken up for writing: cancelled means not written.</param>
    /// <returns>The LSN of the last of them.</returns>
    /// <exception cref="StorageException">Fenced, Unavailable, or Overloaded.</exception>
    Task<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> bodies, CancellationToken cancellationToken);

    /// <summary>Frees the space of records that a snapshot has made superfluous. May keep more than asked (whole segments only), never less.</summary>
    /// <param name="throughLsn">The last LSN that is no longer needed; at most <see cref="LastLsn"/>.</param>
    /// <param name="cancellationToken">Leaves the log valid, with part of the space freed.</param>
    Task TruncateAsync(long throughLsn, CancellationToken cancellationToken);
}
