using ChineseClip.Server.Hosting;

namespace ChineseClip.Server;

// A silo that stood still (SIGSTOP, a paused machine) or was cut off is declared dead by the others, its shards open elsewhere under the next
// epoch, and no message of it is accepted again. Coming back means a new silo. States:
//   serving     until told to stop, or until Orleans says that this silo is dead (Eviction)
//   ending      requests are given LongestEnding; what grains still try to write is refused by the epoch
//   replaced    the process starts its own program anew in its place (execve) and listens on the same address. Not a second host in this process:
//               a dead silo cannot be ended so that nothing of it goes on running, and what is left of it would hold memory and processors.
//   joining     a start like any other; while it fails (a port not yet free, Redis away) the image is replaced again, until Rejoining.Until.
//               Then, or where the system has no execve, the process ends with SiloEvictedException.ExitCode for a supervisor to act on.

/// <summary>A server that serves until it is told to stop and, counted out of its cluster, joins again. See the note above this type.</summary>
public static class ServerRun
{
    private static readonly TimeSpan LongestEnding = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PauseBetween = TimeSpan.FromSeconds(1);

    /// <summary>Runs until <paramref name="cancellationToken"/>, Ctrl-C or SIGTERM.</summary>
    /// <param name="args">Command line: <c>--urls URL</c>, <c>--Section:Key value</c>.</param>
    /// <param name="configure">Has the last word before the server is built.</param>
    /// <param name="ready">Told the address when the server answers in full.</param>
    /// <param name="cancellationToken">Stops the server in peace.</param>
    /// <exception cref="SiloEvictedException">The silo was counted out and could not join again.</exception>
    public static async Task RunAsync(
        string[] args, Action<WebApplicationBuilder>? configure, Func<Uri, Task> ready, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ready);
        Rejoining? rejoining = Rejoining.Read(Environment.GetEnvironmentVariable(Rejoining.Variable));
        WebApplication application = ServerHost.Build(args, rejoining is null ? configure : configure + rejoining.ListenAsBefore);
        try
        {
            await ServerHost.StartAsync(application, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && (rejoining is not null || exception is SiloEvictedException))
        {
            await EndAsync(application);
            await Task.Delay(PauseBetween, cancellationToken);
            (rejoining ?? Rejoining.Begin(null, DateTimeOffset.UtcNow)).StartAnew(exception.Message, exception);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        if (rejoining is not null)
        {
            application.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ServerRun)).Rejoined();
        }

        string urls = string.Join(';', application.Urls);
        await ready(ServerHost.AddressOf(application));
        if (await ServeAsync(application, cancellationToken) is { } reason)
        {
            await EndAsync(application);
            Rejoining.Begin(urls, DateTimeOffset.UtcNow).StartAnew(reason, null);
        }
    }

    /// <summary>Serves until told to stop, and stops; or gives the reason why it can serve no longer.</summary>
    private static async Task<string?> ServeAsync(WebApplication application, CancellationToken cancellationToken)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<string> evicted = application.Services.GetRequiredService<Eviction>().Occurred;
        await using (application.Lifetime.ApplicationStopping.Register(() => stopping.TrySetResult()))
        await using (cancellationToken.Register(() => stopping.TrySetResult()))
        {
            if (await Task.WhenAny(stopping.Task, evicted) == evicted)
            {
                return await evicted;
            }
        }

        await using (application)
        {
            await application.StopAsync(CancellationToken.None);
        }

        return null;
    }

    /// <summary>Lets requests end that can; nothing depends on how far it gets.</summary>
    private static async Task EndAsync(WebApplication application)
    {
        using CancellationTokenSource limit = new(LongestEnding);
        Task ending = Task.Run(() => application.StopAsync(limit.Token), CancellationToken.None);
        await Task.WhenAny(ending, Task.Delay(LongestEnding, CancellationToken.None));
    }
}
