using ChineseClip.Cli.Running;
using ChineseClip.Server;
using ChineseClip.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace ChineseClip.Cli.Serving;

/// <summary>Builds and starts the server in this process, and says in one line why it did not start.</summary>
internal static class ServerStart
{
    public static Task<RunningServer> StartAsync(
        IReadOnlyList<string> args, Action<WebApplicationBuilder>? configure, CancellationToken cancellationToken) => TellingWhyAsync(async () =>
        {
            WebApplication app = ServerHost.Build([.. args], configure);
            try
            {
                return new RunningServer(app, await ServerHost.StartAsync(app, cancellationToken));
            }
            catch
            {
                await app.DisposeAsync();
                throw;
            }
        });

    public static Task TellingWhyAsync(Func<Task> start) => TellingWhyAsync(async () =>
    {
        await start();
        return true;
    });

    private static async Task<T> TellingWhyAsync<T>(Func<Task<T>> start)
    {
        try
        {
            return await start();
        }
        catch (Exception exception) when (exception is not SiloEvictedException && StartFailure.Describe(exception) is { } reason)
        {
            throw new CommandFailedException(reason, exception);
        }
    }
}
