namespace ChineseClip.Storage.Files;

/// <summary>Turns what the file system throws into <see cref="StorageException"/>.</summary>
internal static class MediumErrors
{
    public static bool IsMediumError(Exception exception) => exception is IOException or UnauthorizedAccessException;

    public static StorageException Unavailable(string what, string path, Exception cause) =>
        new(StorageError.Unavailable, $"Cannot {what} '{path}': {cause.Message}", path, innerException: cause);

    public static StorageException Corrupt(string path, long offset, string reason) =>
        new(StorageError.Corrupt, $"'{path}' is damaged at byte {offset}: {reason}", path, offset);
}
