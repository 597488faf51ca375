using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using ChineseClip.Client;

namespace ChineseClip.Cluster.Tests.Processes;

/// <summary>A real `chineseclip serve` in a process of its own, on a free loopback port, that can be killed like any other.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private ServerProcess(Process process) => _process = process;

    public Uri Address { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public IChineseClipClient Client { get; private set; } = null!;

    /// <summary>What the process has printed so far, both streams, for failure messages.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts a server and returns when it has printed the address it answers on.</summary>
    public static Task<ServerProcess> StartAsync(string dataDirectory, params string[] arguments) =>
        StartThroughAsync([], "http://127.0.0.1:0", dataDirectory, arguments);

    /// <summary>Starts a server through another program, which runs it in its own process: <c>ip netns exec NAME</c>.</summary>
    public static async Task<ServerProcess> StartThroughAsync(
        string[] through, string url, string dataDirectory, params string[] arguments)
    {
        string[] program = [.. through, "dotnet"];
        var start = new ProcessStartInfo(program[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        string[] all =
            [.. program[1..], Path.Combine(AppContext.BaseDirectory, "chineseclip.dll"), "serve", "--urls", url, "--data", dataDirectory, .. arguments];
        foreach (var argument in all)
        {
            start.ArgumentList.Add(argument);
        }

        var server = new ServerProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        try
        {
            await server.WaitForAddressAsync();
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        return server;
    }

    /// <summary>SIGSTOP: it does nothing at all, and knows nothing of it afterwards.</summary>
    public void Suspend() => Signals.Send(_process.Id, Signals.Stop);

    /// <summary>SIGCONT.</summary>
    public void Resume() => Signals.Send(_process.Id, Signals.Continue);

    /// <summary>SIGTERM: it may hand over its work. Returns when it has ended.</summary>
    public async Task TerminateAsync()
    {
        Signals.Send(_process.Id, Signals.Terminate);
        await _process.WaitForExitAsync().WaitAsync(StartTimeout);
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private async Task WaitForAddressAsync()
    {
        var ready = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Read(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is null)
            {
                return;
            }

            _output.Enqueue(line.Data);
            if (ServingLine().Match(line.Data) is { Success: true } match)
            {
                ready.TrySetResult(new Uri(match.Groups[1].Value));
            }
        }

        _process.OutputDataReceived += Read;
        _process.ErrorDataReceived += Read;
        _process.Exited += (_, _) => ready.TrySetException(
            new InvalidOperationException($"The server ended before it was ready. It printed:\n{Output}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            Address = await ready.Task.WaitAsync(StartTimeout);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The server printed no 'Serving on' line within {StartTimeout}. It printed:\n{Output}");
        }

        Http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(60) };
        Client = new HttpChineseClipClient(Http, new ChineseClipClientOptions());
    }

    [GeneratedRegex(@"Serving on (http://\S+?)/?(?:\s|$)")]
    private static partial Regex ServingLine();
}
