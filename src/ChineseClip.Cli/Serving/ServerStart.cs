using ChineseClip.Cli.Running;
using ChineseClip.Server;
using ChineseClip.Server.Hosting;
using Microsoft.AspNetCore.Builder;

namespace ChineseClip.Cli.Serving;

/// <summary>Builds and starts the server in this process, and says in one line why it did not start.</summary>
internal static class ServerStart
{
    public static async Task<RunningServer> StartAsync(
        IReadOnlyList<string> args, Action<WebApplicationBuilder>? configure, CancellationToken cancellationToken)
    {
        WebApplication? app = null;
        try
        {
            app = ServerHost.Build([.. args], configure);
            return new RunningServer(app, await ServerHost.StartAsync(app, cancellationToken));
        }
        catch (Exception exception)
        {
            if (app is not null)
            {
                await app.DisposeAsync();
            }

            if (StartFailure.Describe(exception) is { } reason)
            {
                throw new CommandFailedException(reason, exception);
            }

            throw;
        }
    }
}
