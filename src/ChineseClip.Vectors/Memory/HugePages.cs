using System.Runtime.InteropServices;

namespace ChineseClip.Vectors.Memory;

/// <summary>Asks Linux to back memory by 2 MiB pages: fewer TLB misses on random rows. A hint; failure changes nothing.</summary>
internal static unsafe partial class HugePages
{
    private const int MadviseHugePage = 14;

    public static void Advise(byte* address, nuint bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Madvise(address, bytes, MadviseHugePage);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Madvise(void* address, nuint length, int advice);
}
