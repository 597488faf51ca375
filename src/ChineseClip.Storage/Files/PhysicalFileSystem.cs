using System.Runtime.InteropServices;

namespace ChineseClip.Storage.Files;

/// <summary>The file system of the machine.</summary>
internal sealed partial class PhysicalFileSystem : IFileSystem
{
    public void CreateDirectory(string path) => Directory.CreateDirectory(path);

    public bool DirectoryExists(string path) => Directory.Exists(path);

    public bool FileExists(string path) => File.Exists(path);

    public IReadOnlyList<string> ListFiles(string directory) => Names(Directory.EnumerateFiles(directory));

    public IReadOnlyList<string> ListDirectories(string directory) => Names(Directory.EnumerateDirectories(directory));

    public IStorageFile Open(string path, FileOpening opening) => new PhysicalFile(path, opening);

    public void MoveFile(string source, string destination) => File.Move(source, destination, overwrite: true);

    public void MoveDirectory(string source, string destination) => Directory.Move(source, destination);

    public void DeleteFile(string path) => File.Delete(path);

    public void DeleteDirectory(string path) => Directory.Delete(path, recursive: true);

    /// <remarks>Windows has no such call and needs none: NTFS journals names with the file's own flush.</remarks>
    public void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = OpenDescriptor(path, ReadOnlyFlag);
        if (descriptor < 0)
        {
            throw Failure("open", path);
        }

        try
        {
            if (SyncDescriptor(descriptor) != 0)
            {
                throw Failure("sync", path);
            }
        }
        finally
        {
            _ = CloseDescriptor(descriptor);
        }
    }

    /// <remarks>On Unix the runtime takes an advisory <c>flock</c>, which the kernel drops with the process, however it dies.</remarks>
    public IDisposable Lock(string path) => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private const int ReadOnlyFlag = 0;

    private static List<string> Names(IEnumerable<string> paths) =>
        [.. paths.Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static IOException Failure(string what, string path) =>
        new($"Cannot {what} directory '{path}': {Marshal.GetLastPInvokeErrorMessage()}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseDescriptor(int descriptor);
}
