using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace ChineseClip.Testing;

/// <summary>A PostgreSQL of the test's own on a free loopback port, from the installed binaries, in a temporary directory.</summary>
/// <remarks>
/// The server refuses to run as root, so root starts it as the user <c>postgres</c>, which its package creates. It dies with the test
/// process, however that ends. Without <c>durable</c> it does not fsync: what it wrote survives its own death, not that of the machine.
/// </remarks>
public sealed class PostgresServer : IAsyncDisposable
{
    private const int KeptLogLines = 40;

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly string _binaries;

    private readonly string _directory;

    private readonly bool _durable;

    private readonly ConcurrentQueue<string> _log = new();

    private Running? _running;

    private PostgresServer(string binaries, string directory, bool durable)
    {
        _binaries = binaries;
        _directory = directory;
        _durable = durable;
    }

    /// <summary>Why no server can be started here; null when one can.</summary>
    public static string? MissingReason => FindBinaries() is null
        ? "PostgreSQL is not installed (no initdb and postgres in /usr/lib/postgresql/*/bin or on the PATH); ./test.sh installs it where it may."
        : null;

    /// <summary>Stays the same over restarts.</summary>
    public int Port { get; private set; }

    /// <summary>Of the superuser, to the database <c>postgres</c>.</summary>
    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres";

    /// <exception cref="InvalidOperationException">It is not installed, or did not start; the message holds what it logged.</exception>
    public static async Task<PostgresServer> StartAsync(bool durable = false)
    {
        string binaries = FindBinaries() ?? throw new InvalidOperationException(MissingReason);
        string directory = Directory.CreateTempSubdirectory("chineseclip-postgres-").FullName;
        PostgresServer server = new(binaries, directory, durable);
        try
        {
            if (Environment.IsPrivilegedProcess)
            {
                await server.RunAsync("chown", "postgres:", directory);
            }

            await server.RunAsync(
                Path.Combine(binaries, "initdb"),
                "-D", server.Data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync");
            await server.StartOnAFreePortAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the server and its children with SIGKILL, as a crash would.</summary>
    public async Task KillAsync()
    {
        if (Interlocked.Exchange(ref _running, null) is { } running)
        {
            await running.DisposeAsync();
        }
    }

    /// <summary>Starts it again on the same port after <see cref="KillAsync"/>; it recovers first.</summary>
    public Task StartAgainAsync() => StartOnAsync(Port);

    /// <summary>Stops it, so that it answers nobody but keeps its connections, or lets it go on.</summary>
    public void Freeze(bool frozen)
    {
        Running running = _running ?? throw new InvalidOperationException("The server does not run.");
        foreach (int id in running.Tree())
        {
            using Process signal = Process.Start("kill", [frozen ? "-STOP" : "-CONT", $"{id}"]);
            signal.WaitForExit();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private string Data => Path.Combine(_directory, "data");

    private static string? FindBinaries()
    {
        IEnumerable<string> candidates = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql")
                .OrderByDescending(path => int.TryParse(Path.GetFileName(path), out int version) ? version : 0)
                .Select(path => Path.Combine(path, "bin"))
            : [];
        string[] onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return candidates.Concat(onPath).FirstOrDefault(
            path => File.Exists(Path.Combine(path, "initdb")) && File.Exists(Path.Combine(path, "postgres")));
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task StartOnAFreePortAsync()
    {
        const int Attempts = 3;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await StartOnAsync(FreePort());
                return;
            }
            catch (InvalidOperationException) when (attempt < Attempts && _log.Any(line => line.Contains("could not bind", StringComparison.Ordinal)))
            {
                // Somebody else took the port in between.
            }
        }
    }

    private async Task StartOnAsync(int port)
    {
        if (_running is not null)
        {
            throw new InvalidOperationException("The server runs already.");
        }

        Port = port;
        _log.Clear();
        string[] settings =
        [
            "listen_addresses=127.0.0.1", $"port={port}", "unix_socket_directories=", "max_connections=300", "shared_buffers=32MB",
            $"fsync={(_durable ? "on" : "off")}", "autovacuum_naptime=10s", "log_checkpoints=off",
        ];
        ProcessStartInfo start = AsServerUser(
            Path.Combine(_binaries, "postgres"), ["-D", Data, .. settings.SelectMany(setting => new[] { "-c", setting })]);
        Running running = new(start);
        running.LineReceived += line =>
        {
            _log.Enqueue(line);
            while (_log.Count > KeptLogLines)
            {
                _log.TryDequeue(out _);
            }
        };
        running.Start();
        _running = running;
        Task first = await Task.WhenAny(running.Ready, running.Exited, Task.Delay(StartTimeout));
        if (first != running.Ready)
        {
            await KillAsync();
            throw new InvalidOperationException($"PostgreSQL did not start on port {port}:\n{string.Join('\n', _log)}");
        }
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        ProcessStartInfo start = program == "chown" ? new ProcessStartInfo(program, arguments) : AsServerUser(program, arguments);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await output}{error}");
        }
    }

    private ProcessStartInfo AsServerUser(string program, string[] arguments)
    {
        // setpriv becomes the program, so that the process started here is the server itself.
        ProcessStartInfo start = File.Exists("/usr/bin/setpriv") ? new("/usr/bin/setpriv", ["--pdeathsig", "KILL"]) : new(program);
        if (start.ArgumentList.Count > 0)
        {
            string[] user = Environment.IsPrivilegedProcess ? ["--reuid=postgres", "--regid=postgres", "--init-groups"] : [];
            foreach (string argument in user.Append("--").Append(program))
            {
                start.ArgumentList.Add(argument);
            }
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.UseShellExecute = false;
        start.RedirectStandardError = true;
        start.WorkingDirectory = _directory;
        return start;
    }

    /// <summary>One life of the server.</summary>
    private sealed class Running(ProcessStartInfo start) : IAsyncDisposable
    {
        private readonly Process _process = new() { StartInfo = start, EnableRaisingEvents = true };

        private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public event Action<string>? LineReceived;

        public Task Ready => _ready.Task;

        public Task Exited => _exited.Task;

        public void Start()
        {
            _process.Exited += (_, _) => _exited.TrySetResult();
            _process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data is null)
                {
                    return;
                }

                LineReceived?.Invoke(line.Data);
                if (line.Data.Contains("database system is ready to accept connections", StringComparison.Ordinal))
                {
                    _ready.TrySetResult();
                }
            };

            // The kernel kills the server when the thread that started it ends: this one lives as long as the server.
            Thread parent = new(StartAndStay) { IsBackground = true, Name = "PostgreSQL's parent" };
            parent.Start();
            _started.Task.GetAwaiter().GetResult();
            _process.BeginErrorReadLine();
        }

        /// <summary>The server and its children.</summary>
        public List<int> Tree()
        {
            List<int> ids = [_process.Id];
            foreach (string directory in Directory.GetDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(directory), out int id) && ParentOf(id) == _process.Id)
                {
                    ids.Add(id);
                }
            }

            return ids;
        }

        /// <summary>Kills the server and its children.</summary>
        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }

            await _process.WaitForExitAsync();
            _exited.TrySetResult();
            _process.Dispose();
        }

        private static int? ParentOf(int id)
        {
            try
            {
                string stat = File.ReadAllText($"/proc/{id}/stat");
                return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                return null; // it has ended meanwhile
            }
        }

        private void StartAndStay()
        {
            try
            {
                _process.Start();
                _started.SetResult();
            }
            catch (Exception exception) // handed to the thread that waits
            {
                _started.SetException(exception);
                return;
            }

            _exited.Task.Wait();
        }
    }
}
