namespace ChineseClip.Storage.Files;

/// <summary>Replaces a file so that a crash leaves the old or the new content, whole.</summary>
internal static class AtomicFile
{
    /// <summary>Ends the name of a file that is not complete; such files are removed when their directory is opened.</summary>
    public const string TemporarySuffix = ".tmp";

    /// <remarks>1 write beside; 2 sync the content; 3 rename over; 4 sync the directory: only then is it durable.</remarks>
    public static void Replace(IFileSystem fileSystem, string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + TemporarySuffix;
        using (IStorageFile file = fileSystem.Open(temporary, FileOpening.Create)) // Step 1
        {
            file.Write(0, content);
            file.Sync(); // Step 2
        }

        fileSystem.MoveFile(temporary, path); // Step 3
        fileSystem.SyncDirectory(Path.GetDirectoryName(path)!); // Step 4
    }

    public static byte[] ReadAll(IFileSystem fileSystem, string path)
    {
        using IStorageFile file = fileSystem.Open(path, FileOpening.Read);
        byte[] content = new byte[file.Length];
        int read = file.Read(0, content);
        return read == content.Length ? content : content[..read];
    }

    public static void RemoveTemporaries(IFileSystem fileSystem, string directory)
    {
        foreach (string name in fileSystem.ListFiles(directory))
        {
            if (name.EndsWith(TemporarySuffix, StringComparison.Ordinal))
            {
                fileSystem.DeleteFile(Path.Combine(directory, name));
            }
        }
    }
}
