namespace ChineseClip.Storage;

/// <summary>Storage refused or failed.</summary>
public sealed class StorageException : Exception
{
    public StorageException(StorageError error, string message, string? path = null, long? offset = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Error = error;
        Path = path;
        Offset = offset;
    }

    public StorageError Error { get; }

    /// <summary>The file or directory at fault, where there is one.</summary>
    public string? Path { get; }

    /// <summary>The byte in <see cref="Path"/> at which the damage begins, where known.</summary>
    public long? Offset { get; }

    /// <summary>True when the same call may succeed later, after the log is opened again where it is a log's.</summary>
    public bool IsTransient => Error is StorageError.Unavailable or StorageError.Overloaded;
}
