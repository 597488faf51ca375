using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ChineseClip.Cli.Bench;

/// <summary>CPU time in seconds: what a busy machine disturbs least.</summary>
internal static partial class CpuClock
{
    private const int ProcessCpuTime = 2;
    private const int ThreadCpuTime = 3;

    /// <summary>Of the calling thread; of the process where the system is not Linux.</summary>
    public static double Seconds => Read(ThreadCpuTime);

    /// <summary>Of all threads together.</summary>
    public static double ProcessSeconds => Read(ProcessCpuTime);

    private static double Read(int clock)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds;
        }
        Timespec time = default;
        return GetTime(clock, ref time) == 0
            ? time.Seconds + (time.Nanoseconds * 1e-9)
            : throw new InvalidOperationException("clock_gettime failed.");
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
