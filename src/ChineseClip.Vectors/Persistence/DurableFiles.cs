using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ChineseClip.Vectors.Persistence;

/// <summary>Files that survive a power cut once these calls return.</summary>
internal static partial class DurableFiles
{
    private const int OpenReadOnly = 0;

    /// <summary>Makes a file, which must not exist, and waits until its content is on the disk.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using SafeFileHandle file = File.OpenHandle(
            path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, content.Length);
        RandomAccess.Write(file, content, 0);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Gives an existing file a second name. False where that cannot be: another volume, no such file, no such system.</summary>
    public static bool TryLink(string existing, string path) => OperatingSystem.IsLinux() && Link(existing, path) == 0;

    /// <summary>Waits until the names in the directory are on the disk.</summary>
    public static void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;    // NTFS logs names itself
        }
        int directory = Open(path, OpenReadOnly);
        if (directory < 0)
        {
            throw new IOException($"{path} could not be opened: {Marshal.GetLastPInvokeErrorMessage()}.");
        }
        try
        {
            if (Fsync(directory) != 0)
            {
                throw new IOException($"{path} could not be synced: {Marshal.GetLastPInvokeErrorMessage()}.");
            }
        }
        finally
        {
            _ = Close(directory);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string existing, string path);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Fsync(int file);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int file);
}
