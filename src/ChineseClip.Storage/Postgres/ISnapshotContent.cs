namespace ChineseClip.Storage.Postgres;

/// <summary>Where the files of snapshots lie while their descriptions are in the database.</summary>
internal interface ISnapshotContent : IDisposable
{
    string CreateWorkDirectory(string shardKey);

    /// <summary>Removes a work directory that came to nothing.</summary>
    void Discard(string workDirectory);

    /// <summary>Takes over the files of a work directory, durably; nobody sees them before the description is published.</summary>
    Task StoreAsync(SnapshotPlace place, string workDirectory, CancellationToken cancellationToken);

    /// <summary>Gives a local directory with the files in their full length, and what to call when it is no longer needed.</summary>
    Task<(string Directory, Action Release)> OpenAsync(SnapshotPlace place, CancellationToken cancellationToken);

    /// <summary>Frees what no description names any more.</summary>
    Task DeleteAsync(long shardId, string shardKey, string? snapshotId, CancellationToken cancellationToken);
}
