using System.Globalization;
using System.Runtime.InteropServices;

namespace ChineseClip.Cli.Load;

/// <summary>Binds this process to one core, so that a load generator does not take the server's (Linux).</summary>
internal static partial class CorePin
{
    private const int MaskBytes = 128;

    /// <summary>Binds every thread there is; later ones follow the thread that starts them.</summary>
    /// <returns>Why it did not; null when it did.</returns>
    public static unsafe string? Bind(int core)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "--core works on Linux only.";
        }

        byte* mask = stackalloc byte[MaskBytes];
        new Span<byte>(mask, MaskBytes).Clear();
        mask[core / 8] = (byte)(1 << (core % 8));
        foreach (string thread in Directory.EnumerateDirectories("/proc/self/task").Select(path => Path.GetFileName(path)))
        {
            int id = int.Parse(thread, NumberStyles.None, CultureInfo.InvariantCulture);
            if (SetAffinity(id, MaskBytes, mask) != 0 && Directory.Exists("/proc/self/task/" + thread))
            {
                return string.Create(CultureInfo.InvariantCulture, $"--core is {core}; {Marshal.GetLastPInvokeErrorMessage()}.");
            }
        }

        return null;
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int SetAffinity(int thread, nuint maskBytes, byte* mask);
}
