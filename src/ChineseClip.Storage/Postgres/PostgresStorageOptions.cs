using Microsoft.Extensions.Logging;

namespace ChineseClip.Storage.Postgres;

/// <summary>Where and how <see cref="PostgresShardStorage"/> keeps its data.</summary>
public sealed record PostgresStorageOptions
{
    /// <summary>As Npgsql takes it; pool size, TLS and the like are set here.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>A local directory for snapshots on their way in and out; several processes may be given the same one.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>The schema that holds the tables; created when absent; a small letter or '_', then small letters, digits and '_', at most 50; default <c>chineseclip</c>.</summary>
    public string Schema { get; init; } = "chineseclip";

    /// <summary>
    /// A directory that every process sees under this path, such as a shared volume: the files of snapshots lie there and only their descriptions in the
    /// database. Null, the default: the files are in the database.
    /// </summary>
    public string? SnapshotDirectory { get; init; }

    /// <summary>The longest body of a record, in bytes; 1 to 256 MiB; default 16 MiB.</summary>
    public int MaxRecordBytes { get; init; } = 16 << 20;

    /// <summary>How much may wait to be written per log, in bytes, before appends are refused as Overloaded; at least MaxRecordBytes; default 64 MiB.</summary>
    public long MaxPendingBytes { get; init; } = 64L << 20;

    /// <summary>How long one statement may take before it counts as failed; 100 ms to 10 min; default 10 s.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether appends are announced to readers in other processes, which otherwise look by themselves; default true.</summary>
    public bool AnnounceAppends { get; init; } = true;

    /// <summary>How long a reader that waits for records goes without looking, should no notification come; 10 ms to 1 min; default 1 s.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How much the cache of snapshots keeps beyond those in use, in bytes; default 64 GiB.</summary>
    public long MaxCacheBytes { get; init; } = 64L << 30;

    /// <summary>For what an operator should see; null for silence.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
