namespace ChineseClip.Storage;

/// <summary>Tails the log of a shard without holding its lease: what a replica reads.</summary>
/// <remarks>Threads: safe. Sees only what has been acknowledged or will never be undone.</remarks>
public interface IShardLogReader : IAsyncDisposable
{
    /// <summary>The name of the shard.</summary>
    string ShardKey { get; }

    /// <summary>Where the log stands now; all zero but FirstLsn = 1 for a shard that has none.</summary>
    Task<LogPosition> GetPositionAsync(CancellationToken cancellationToken);

    /// <summary>Streams the records with LSN &gt; <paramref name="afterLsn"/>, up to what is durable when the enumeration begins.</summary>
    /// <exception cref="StorageException">Corrupt, also when the records just after <paramref name="afterLsn"/> were truncated away; Unavailable.</exception>
    IAsyncEnumerable<LogRecord> ReadAsync(long afterLsn, CancellationToken cancellationToken);

    /// <summary>Returns when a record beyond <paramref name="afterLsn"/> may be there, at the latest after <paramref name="atMost"/>.</summary>
    Task WaitAsync(long afterLsn, TimeSpan atMost, CancellationToken cancellationToken);
}
