namespace ChineseClip.Storage.Files;

/// <summary>What storage asks of a file system; a test double loses un-synced bytes, tears writes and fails on demand.</summary>
/// <remarks>
/// Content is durable after <see cref="IStorageFile.Sync"/>; names (created, renamed, deleted) after <see cref="SyncDirectory"/> of their directory.
/// Failures are <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </remarks>
internal interface IFileSystem
{
    /// <summary>Creates the directory and its missing parents; does nothing when it exists.</summary>
    void CreateDirectory(string path);

    bool DirectoryExists(string path);

    bool FileExists(string path);

    /// <summary>The names (not paths) of the files in a directory, in ordinal order.</summary>
    IReadOnlyList<string> ListFiles(string directory);

    /// <summary>The names (not paths) of the directories in a directory, in ordinal order.</summary>
    IReadOnlyList<string> ListDirectories(string directory);

    IStorageFile Open(string path, FileOpening opening);

    /// <summary>Renames a file, replacing what was there in one step.</summary>
    void MoveFile(string source, string destination);

    void MoveDirectory(string source, string destination);

    void DeleteFile(string path);

    /// <summary>Deletes the directory with all that is in it.</summary>
    void DeleteDirectory(string path);

    void SyncDirectory(string path);

    /// <summary>Takes the exclusive lock on a file until it is disposed or the process ends.</summary>
    /// <exception cref="IOException">Another holder has it.</exception>
    IDisposable Lock(string path);
}
