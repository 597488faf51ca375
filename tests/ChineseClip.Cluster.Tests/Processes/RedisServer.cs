using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ChineseClip.Cluster.Tests.Processes;

/// <summary>A Redis of the test's own on a free loopback port, which keeps its data through a kill.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly string _program;
    private readonly int _port;
    private readonly TemporaryDirectory _directory = new();
    private Process? _process;

    private RedisServer(string program, int port)
    {
        _program = program;
        _port = port;
        ConnectionString = $"127.0.0.1:{port},abortConnect=false";
    }

    public int Port => _port;

    public string ConnectionString { get; }

    public static async Task<RedisServer> StartAsync()
    {
        var redis = new RedisServer(RequiredProgram.Find("redis-server"), FreePort());
        await redis.StartAgainAsync();
        return redis;
    }

    /// <summary>Starts it where it was killed.</summary>
    public async Task StartAgainAsync()
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(_program)
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
                ArgumentList =
                {
                    "--port", $"{_port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always",
                    "--dir", _directory.Path,
                },
            },
        };
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.Contains("Ready to accept connections", StringComparison.Ordinal) == true)
            {
                ready.TrySetResult();
            }
        };
        _process.Start();
        _process.BeginOutputReadLine();
        await ready.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async Task KillAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _directory.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
