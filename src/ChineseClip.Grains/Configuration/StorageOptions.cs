namespace ChineseClip.Grains.Configuration;

/// <summary>Where the shards' logs, snapshots and the collections' definitions are.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";
    public const string Files = "files";
    public const string Postgres = "postgres";

    /// <summary>Names the connection string of <see cref="Postgres"/>.</summary>
    public const string ConnectionName = "postgres";

    /// <summary><c>files</c>, for one shards silo, or <c>postgres</c>, for any number. Default: <c>files</c>.</summary>
    public string Provider { get; set; } = Files;

    /// <summary>The root directory of the files, held by one process; with <c>postgres</c>, of local copies of snapshots. Default: <c>data</c>.</summary>
    public string Directory { get; set; } = "data";

    /// <summary>
    /// Where snapshots lie. With <c>files</c>: a directory of this storage alone, by default below Directory. With <c>postgres</c>: a directory that
    /// every silo sees under this path; by default they are kept in the database.
    /// </summary>
    public string? SnapshotDirectory { get; set; }

    /// <summary>With <c>postgres</c>: the schema of the tables. Default: <c>chineseclip</c>.</summary>
    public string Schema { get; set; } = "chineseclip";

    /// <summary>With <c>postgres</c>: <c>ConnectionStrings:postgres</c>.</summary>
    public string? ConnectionString { get; set; }
}
