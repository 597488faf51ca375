using System.Diagnostics;

namespace ChineseClip.Cluster.Tests.Processes;

/// <summary>A small disk in memory, mounted by the test and for the test. Where that is not allowed the test is skipped with its reason.</summary>
internal sealed class TemporaryVolume : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private TemporaryVolume(long bytes)
    {
        var error = Run("mount", "-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", _directory.Path);
        if (error is not null)
        {
            _directory.Dispose();
            Assert.Skip($"No small disk can be mounted here: {error}");
        }
    }

    public string Path => _directory.Path;

    public static TemporaryVolume Mount(long bytes) => new(bytes);

    /// <summary>Takes all space that is left.</summary>
    public string Fill()
    {
        var ballast = System.IO.Path.Combine(Path, "ballast");
        var block = new byte[64 * 1024];
        try
        {
            using var file = new FileStream(ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            return ballast;    // full
        }
    }

    public void Dispose()
    {
        Run("umount", "-l", _directory.Path);
        _directory.Dispose();
    }

    private static string? Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : error.Trim();
        }
        catch (System.ComponentModel.Win32Exception exception)
        {
            return exception.Message;
        }
    }
}
