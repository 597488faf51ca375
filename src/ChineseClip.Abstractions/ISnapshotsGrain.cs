namespace ChineseClip.Abstractions;

/// <summary>Snapshots of collections. Its key is <see cref="GrainKeys.Single"/>.</summary>
[Alias("cc.ISnapshotsGrain")]
public interface ISnapshotsGrain : IGrainWithStringKey
{
    /// <summary>Takes a snapshot of every shard, beside reads and writes.</summary>
    [Alias("CreateAsync")]
    Task<CollectionSnapshot> CreateAsync(string collection, CancellationToken cancellationToken = default);

    /// <summary>The snapshots of a collection, newest first.</summary>
    [Alias("ListAsync")]
    Task<CollectionSnapshot[]> ListAsync(string collection, CancellationToken cancellationToken = default);

    /// <summary>Deletes a snapshot.</summary>
    [Alias("DeleteAsync")]
    Task DeleteAsync(string collection, string id, CancellationToken cancellationToken = default);

    /// <summary>Makes a collection what the snapshot holds: a new one, or the same one, whose content is replaced as a whole.</summary>
    /// <param name="collection">The collection that the snapshot was taken of.</param>
    /// <param name="id">The snapshot.</param>
    /// <param name="newName">The new collection; null replaces the content of the one it was taken of.</param>
    /// <param name="cancellationToken">Abandons it before anything is replaced.</param>
    [Alias("RestoreAsync")]
    Task<CollectionDefinition> RestoreAsync(
        string collection, string id, string? newName, CancellationToken cancellationToken = default);

    /// <summary>Copies a snapshot to a folder of the exchange directory.</summary>
    /// <returns>The folder, as the silo sees it.</returns>
    [Alias("ExportAsync")]
    Task<string> ExportAsync(string collection, string id, string folder, CancellationToken cancellationToken = default);

    /// <summary>Makes a new collection of a folder of the exchange directory.</summary>
    [Alias("ImportAsync")]
    Task<CollectionDefinition> ImportAsync(string folder, string newName, CancellationToken cancellationToken = default);
}
