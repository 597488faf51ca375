using System.Collections;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace ChineseClip.Server.Hosting;

/// <summary>Starts the program of this process anew in its place: same process id, arguments, standard streams; nothing else is kept.</summary>
internal static partial class ProcessImage
{
    private const string CommandLineFile = "/proc/self/cmdline";

    /// <summary>Whether the system can do it.</summary>
    public static bool IsReplaceable => OperatingSystem.IsLinux() && Environment.ProcessPath is not null;

    /// <summary>Does not return: all threads end, and with them every file, socket and lock of this process.</summary>
    /// <param name="variable">An environment variable that the new image sees.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="Win32Exception">The program cannot be started.</exception>
    public static void Replace(string variable, string value)
    {
        // Each argument ends with a NUL.
        string?[] arguments = [.. File.ReadAllText(CommandLineFile)[..^1].Split('\0'), null];
        IEnumerable<string> kept = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(entry => (string)entry.Key != variable)
            .Select(entry => $"{entry.Key}={entry.Value}");
        _ = Execute(Environment.ProcessPath!, arguments, [.. kept, $"{variable}={value}", null]);
        throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{Environment.ProcessPath} could not be started anew.");
    }

    [LibraryImport("libc", EntryPoint = "execve", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Execute(string path, string?[] arguments, string?[] environment);
}
