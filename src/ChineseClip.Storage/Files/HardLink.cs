using System.Runtime.InteropServices;

namespace ChineseClip.Storage.Files;

/// <summary>A second name for a file.</summary>
internal static partial class HardLink
{
    /// <summary>False when the file system cannot (other volume, no support, not Unix); the caller copies then.</summary>
    public static bool TryCreate(string existing, string name) => !OperatingSystem.IsWindows() && Link(existing, name) == 0;

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string existing, string name);
}
