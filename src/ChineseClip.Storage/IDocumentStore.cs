namespace ChineseClip.Storage;

/// <summary>Small named documents, replaced atomically under a version check.</summary>
/// <remarks>Threads: safe. Versions only grow while the store is open and are never given twice, not even after a delete.</remarks>
public interface IDocumentStore
{
    /// <summary>Reads a document; null when there is none.</summary>
    /// <param name="name">For example <c>collections/demo</c>; any text of 1 to 512 UTF-8 bytes without control characters.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="StorageException">Corrupt, or Unavailable.</exception>
    Task<StoredDocument?> ReadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Writes a document; durable when the task completes.</summary>
    /// <param name="name">The name of the document.</param>
    /// <param name="content">The whole new content.</param>
    /// <param name="expectedVersion">The version that must be there now; 0 when none may be there; null for whatever there is.</param>
    /// <param name="cancellationToken">Heeded until the write begins.</param>
    /// <exception cref="StorageException">Conflict when another version is there; Unavailable.</exception>
    Task<StoredDocument> WriteAsync(string name, ReadOnlyMemory<byte> content, long? expectedVersion, CancellationToken cancellationToken);

    /// <summary>Deletes a document; false when there was none.</summary>
    /// <param name="name">The name of the document.</param>
    /// <param name="expectedVersion">The version that must be there now; null for whatever there is.</param>
    /// <param name="cancellationToken">Heeded until the delete begins.</param>
    /// <exception cref="StorageException">Conflict when another version is there; Unavailable.</exception>
    Task<bool> DeleteAsync(string name, long? expectedVersion, CancellationToken cancellationToken);

    /// <summary>All documents whose name begins with <paramref name="prefix"/> (ordinal), by name in ordinal order.</summary>
    Task<IReadOnlyList<StoredDocument>> ListAsync(string prefix, CancellationToken cancellationToken);
}
