using System.Runtime.InteropServices;

namespace ChineseClip.Benchmarks.Index;

/// <summary>Binds the calling thread, and the processes it starts from then on, to one core (Linux).</summary>
internal static partial class CorePin
{
    private const int MaskBytes = 128;

    public static unsafe void Bind(int core)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }
        byte* mask = stackalloc byte[MaskBytes];
        new Span<byte>(mask, MaskBytes).Clear();
        mask[core / 8] = (byte)(1 << (core % 8));
        if (SetAffinity(0, MaskBytes, mask) != 0)
        {
            Console.Error.WriteLine($"not bound to core {core}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int SetAffinity(int thread, nuint maskBytes, byte* mask);
}
