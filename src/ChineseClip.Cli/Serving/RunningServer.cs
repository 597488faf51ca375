using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace ChineseClip.Cli.Serving;

/// <summary>The server in this process, ready to answer.</summary>
internal sealed class RunningServer(WebApplication app, Uri address) : IAsyncDisposable
{
    private bool _isStopped;

    public Uri Address => address;

    /// <summary>
    /// How long the end of this process may wait for the server's. Orleans keeps a silo three seconds when a call was cancelled
    /// just as it was answered; what is acknowledged is on disk by then.
    /// </summary>
    public TimeSpan LongestStop { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Tells scripts and people where it is, then serves until Ctrl-C or SIGTERM.</summary>
    public async Task ServeAsync(TextWriter announcement, CancellationToken cancellationToken)
    {
        await AnnounceAsync(address, announcement);
        await app.WaitForShutdownAsync(cancellationToken);
        _isStopped = true;
    }

    /// <summary>The line that scripts wait for.</summary>
    public static async Task AnnounceAsync(Uri address, TextWriter announcement)
    {
        await announcement.WriteLineAsync($"Serving on {address.AbsoluteUri.TrimEnd('/')}");
        await announcement.FlushAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        Task stopping = Task.Run(StopAsync);
        await Task.WhenAny(stopping, Task.Delay(LongestStop));
        if (stopping.IsCompleted)
        {
            await stopping;
        }
    }

    private async Task StopAsync()
    {
        if (!_isStopped)
        {
            await app.StopAsync();
        }

        await app.DisposeAsync();
    }
}
