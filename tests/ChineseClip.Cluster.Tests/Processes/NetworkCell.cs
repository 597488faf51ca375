using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ChineseClip.Cluster.Tests.Processes;

/// <summary>
/// A network namespace of the test's own with one cable to the host, that can be cut and mended. Ports of the host's loopback are
/// reachable from inside through forwarders on the host's end of the cable. Where that is not allowed the test is skipped with its reason.
/// </summary>
internal sealed class NetworkCell : IDisposable
{
    private readonly string _name = $"cc{Environment.ProcessId}";
    private readonly List<TcpListener> _forwarders = [];

    private NetworkCell()
    {
        var subnet = $"10.231.{Environment.ProcessId % 250}";
        HostAddress = IPAddress.Parse(subnet + ".1");
        InnerAddress = IPAddress.Parse(subnet + ".2");
        string[] commands =
        [
            $"netns add {_name}",
            $"link add {HostEnd} type veth peer name {InnerEnd}",
            $"link set {InnerEnd} netns {_name}",
            $"addr add {HostAddress}/30 dev {HostEnd}",
            $"link set {HostEnd} up",
            $"-n {_name} addr add {InnerAddress}/30 dev {InnerEnd}",
            $"-n {_name} link set lo up",
            $"-n {_name} link set {InnerEnd} up",
        ];
        foreach (var command in commands)
        {
            if (Run(command) is { } error)
            {
                Dispose();
                Assert.Skip($"No network namespace can be made here (it needs root): ip {command}: {error}");
            }
        }
    }

    public IPAddress HostAddress { get; }

    public IPAddress InnerAddress { get; }

    /// <summary>What runs a program inside.</summary>
    public string[] Entry => ["ip", "netns", "exec", _name];

    private string HostEnd => _name + "h";

    private string InnerEnd => _name + "i";

    public static NetworkCell Create() => new();

    public void Cut() => Require($"-n {_name} link set {InnerEnd} down");

    public void Mend() => Require($"-n {_name} link set {InnerEnd} up");

    /// <summary>Makes a port of the host's loopback reachable on <see cref="HostAddress"/> under the same number.</summary>
    public void Forward(int port)
    {
        var listener = new TcpListener(HostAddress, port);
        listener.Start();
        _forwarders.Add(listener);
        _ = AcceptAsync(listener, port);
    }

    /// <summary>Sends an HTTP request from inside to a server inside, and gives what came back within the time, if anything.</summary>
    public async Task<string> RequestInsideAsync(int port, string method, string path, string json, TimeSpan timeout)
    {
        var request = $"{method} {path} HTTP/1.1\\r\\nHost: inside\\r\\nContent-Type: application/json\\r\\nContent-Length: {json.Length}\\r\\nConnection: close\\r\\n\\r\\n{json.Replace("\"", "\\\"", StringComparison.Ordinal)}";
        var script = $"exec 3<>/dev/tcp/127.0.0.1/{port}; printf \"{request}\" >&3; timeout {timeout.TotalSeconds:0} cat <&3";
        using var process = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", _name, "bash", "-c", script])
        {
            RedirectStandardOutput = true,
        })!;
        var answer = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return answer;
    }

    public void Dispose()
    {
        foreach (var forwarder in _forwarders)
        {
            forwarder.Dispose();
        }

        _ = Run($"link del {HostEnd}");
        _ = Run($"netns del {_name}");
    }

    private static async Task AcceptAsync(TcpListener listener, int port)
    {
        try
        {
            while (true)
            {
                var outer = await listener.AcceptTcpClientAsync();
                _ = CopyAsync(outer, port);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The cell is gone.
        }
    }

    private static async Task CopyAsync(TcpClient outer, int port)
    {
        using (outer)
        using (var inner = new TcpClient())
        {
            try
            {
                await inner.ConnectAsync(IPAddress.Loopback, port);
                await Task.WhenAny(
                    outer.GetStream().CopyToAsync(inner.GetStream()), inner.GetStream().CopyToAsync(outer.GetStream()));
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                // Whoever was connected learns it by the end of the connection.
            }
        }
    }

    private static void Require(string command)
    {
        if (Run(command) is { } error)
        {
            throw new InvalidOperationException($"ip {command}: {error}");
        }
    }

    private static string? Run(string command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("ip", command) { RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : error.Trim();
        }
        catch (Win32Exception exception)
        {
            return exception.Message;
        }
    }
}
