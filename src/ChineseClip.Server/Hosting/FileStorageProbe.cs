using ChineseClip.Storage.Files;

namespace ChineseClip.Server.Hosting;

/// <summary>Finds out whether a server could take a storage directory, before any work is done for it.</summary>
public static class FileStorageProbe
{
    /// <summary>Opens the directory and closes it again; gives the reason in one line, or null when the directory is free.</summary>
    public static async ValueTask<string?> WhyNotAsync(string directory)
    {
        try
        {
            await FileShardStorage.Open(new FileStorageOptions { Directory = directory }).DisposeAsync();
            return null;
        }
        catch (Exception exception) when (StartFailure.Describe(exception) is { } reason)
        {
            return reason;
        }
    }
}
