using System.Diagnostics;
using System.Text;
using ChineseClip.Cli.Running;

namespace ChineseClip.Cli.Tests;

/// <summary>The command line as a process of its own; ended when disposed.</summary>
internal sealed class CliProcess : IAsyncDisposable
{
    private readonly Process _process;

    private readonly StringBuilder _error = new();

    private CliProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_error)
            {
                _error.AppendLine(line.Data);
            }
        };
        process.BeginErrorReadLine();
    }

    public string Error
    {
        get
        {
            lock (_error)
            {
                return _error.ToString();
            }
        }
    }

    public static CliProcess Start(params string[] args) => StartAt(home: null, args);

    /// <param name="home">The user's home directory; null keeps this one's.</param>
    /// <param name="args">The command line.</param>
    public static CliProcess StartAt(string? home, params string[] args)
    {
        ProcessStartInfo start = new("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "chineseclip.dll"));
        foreach (string argument in args)
        {
            start.ArgumentList.Add(argument);
        }

        if (home is not null)
        {
            start.Environment["HOME"] = home;
            Array.ForEach(["XDG_CACHE_HOME", "XDG_DATA_HOME", "ORT_DISABLE_TELEMETRY"], name => start.Environment.Remove(name));
        }

        start.Environment[DataDirectories.HomeVariable] = TestHome.Directory;
        start.Environment["LC_ALL"] = "C"; // Chinese text must come through whatever the locale
        return new CliProcess(Process.Start(start)!);
    }

    /// <summary>Waits for the line that tells where the server is.</summary>
    public async Task<Uri> ServingAsync()
    {
        const string Announcement = "Serving on ";
        while (await _process.StandardOutput.ReadLineAsync(CliRun.Token) is { } line)
        {
            if (line.StartsWith(Announcement, StringComparison.Ordinal))
            {
                return new Uri(line[Announcement.Length..]);
            }
        }

        throw new InvalidOperationException($"The server ended before it served: {Error}");
    }

    public async Task<CliRun> EndAsync()
    {
        string output = await _process.StandardOutput.ReadToEndAsync(CliRun.Token);
        await _process.WaitForExitAsync(CliRun.Token);
        return new CliRun(_process.ExitCode, output, Error);
    }

    /// <summary>Ends it as a pulled plug would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Asks it to end, as Ctrl-C does.</summary>
    public async Task<int> InterruptAsync()
    {
        using Process kill = Process.Start("kill", ["-INT", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(CliRun.Token);
        await _process.WaitForExitAsync(CliRun.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }
}
