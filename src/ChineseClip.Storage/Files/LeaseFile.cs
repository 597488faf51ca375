namespace ChineseClip.Storage.Files;

/// <summary>The epoch of a shard on disk: a document whose version it is.</summary>
/// <remarks>Threads: the caller holds the shard's gate.</remarks>
internal static class LeaseFile
{
    private const string Name = "LEASE";

    /// <summary>The newest epoch; 0 when the shard was never opened.</summary>
    /// <exception cref="StorageException">Corrupt.</exception>
    public static long Read(IFileSystem fileSystem, ShardSlot slot)
    {
        string path = Path.Combine(slot.Directory, Name);
        if (!fileSystem.FileExists(path))
        {
            return 0;
        }

        StoredDocument lease = DocumentFormat.Decode(AtomicFile.ReadAll(fileSystem, path), path);
        return lease.Name == slot.ShardKey
            ? lease.Version
            : throw MediumErrors.Corrupt(path, 0, $"it is the lease of shard '{lease.Name}', not '{slot.ShardKey}'.");
    }

    /// <summary>Raises the epoch, durably, and returns it.</summary>
    public static long Take(IFileSystem fileSystem, ShardSlot slot)
    {
        string path = Path.Combine(slot.Directory, Name);
        long epoch = Read(fileSystem, slot);
        if (epoch == 0 && Segment.Find(fileSystem, slot.Directory) is [var segment, ..])
        {
            throw MediumErrors.Corrupt(path, 0, $"the lease is missing beside '{segment.Path}'.");
        }

        AtomicFile.Replace(fileSystem, path, DocumentFormat.Encode(new StoredDocument(slot.ShardKey, epoch + 1, default)));
        return epoch + 1;
    }
}
