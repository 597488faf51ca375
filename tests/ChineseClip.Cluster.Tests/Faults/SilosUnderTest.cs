using ChineseClip.Cluster.Tests.Processes;

namespace ChineseClip.Cluster.Tests.Faults;

/// <summary>Server processes of one cluster, each of which may be ended and started again.</summary>
internal sealed class SilosUnderTest(IReadOnlyList<Func<Task<ServerProcess>>> starts) : IAsyncDisposable
{
    private readonly ServerProcess?[] _servers = new ServerProcess?[starts.Count];
    private readonly Lock _lock = new();

    public int Count => _servers.Length;

    public ServerProcess this[int index] => _servers[index] ?? throw new InvalidOperationException($"The silo {index} is not running.");

    /// <summary>The address of one that runs, as far as is known.</summary>
    public Uri? Pick(Random random)
    {
        lock (_lock)
        {
            var addresses = _servers.Where(server => server is not null).Select(server => server!.Address).ToArray();
            return addresses.Length == 0 ? null : addresses[random.Next(addresses.Length)];
        }
    }

    public async Task StartAllAsync()
    {
        for (var index = 0; index < Count; index++)
        {
            await StartAsync(index);
        }
    }

    public async Task StartAsync(int index)
    {
        var server = await starts[index]();
        lock (_lock)
        {
            _servers[index] = server;
        }
    }

    public async Task KillAsync(int index)
    {
        var server = Take(index);
        await server.KillAsync();
        await server.DisposeAsync();
    }

    public async Task TerminateAsync(int index)
    {
        var server = Take(index);
        await server.TerminateAsync();
        await server.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            if (server is not null)
            {
                await server.DisposeAsync();
            }
        }
    }

    private ServerProcess Take(int index)
    {
        lock (_lock)
        {
            var server = this[index];
            _servers[index] = null;
            return server;
        }
    }
}
