using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace ChineseClip.Cli.Serving;

/// <summary>The server in this process, ready to answer.</summary>
internal sealed class RunningServer(WebApplication app, Uri address) : IAsyncDisposable
{
    private bool _isStopped;

    public Uri Address => address;

    /// <summary>Tells scripts and people where it is, then serves until Ctrl-C or SIGTERM.</summary>
    public async Task ServeAsync(TextWriter announcement, CancellationToken cancellationToken)
    {
        await announcement.WriteLineAsync($"Serving on {address.AbsoluteUri.TrimEnd('/')}");
        await announcement.FlushAsync(CancellationToken.None);
        await app.WaitForShutdownAsync(cancellationToken);
        _isStopped = true;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isStopped)
        {
            await app.StopAsync();
        }

        await app.DisposeAsync();
    }
}
