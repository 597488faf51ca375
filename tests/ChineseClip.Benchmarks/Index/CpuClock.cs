using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ChineseClip.Benchmarks.Index;

/// <summary>CPU time of the calling thread on Linux, of the process elsewhere: what a busy machine disturbs least.</summary>
internal static partial class CpuClock
{
    private const int ThreadCpuTime = 3;

    public static double Seconds
    {
        get
        {
            if (!OperatingSystem.IsLinux())
            {
                return Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
            }
            Timespec time = default;
            return GetTime(ThreadCpuTime, ref time) == 0
                ? time.Seconds + (time.Nanoseconds * 1e-9)
                : throw new InvalidOperationException("clock_gettime failed.");
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetTime(int clock, ref Timespec time);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
