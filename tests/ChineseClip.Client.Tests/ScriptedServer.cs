using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ChineseClip.Client.Tests;

/// <summary>A real HTTP server on a free loopback port that answers as the test says.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private int _requestCount;

    private ScriptedServer(WebApplication application, HttpClient http)
    {
        _application = application;
        Http = http;
    }

    public HttpClient Http { get; }

    public int RequestCount => Volatile.Read(ref _requestCount);

    /// <summary>Starts a server; the handler gets the number of the request, from 1.</summary>
    public static async Task<ScriptedServer> StartAsync(Func<HttpContext, int, Task> handle)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication application = builder.Build();
        ScriptedServer? server = null;
        application.Run(context => handle(context, Interlocked.Increment(ref server!._requestCount)));
        server = new ScriptedServer(application, new HttpClient());
        await application.StartAsync(TestContext.Current.CancellationToken);
        server.Http.BaseAddress = new Uri(application.Urls.Single());
        return server;
    }

    public HttpChineseClipClient Client(ChineseClipClientOptions? options = null) =>
        new(Http, options ?? new ChineseClipClientOptions { RetryDelay = TimeSpan.Zero });

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _application.DisposeAsync();
    }
}
