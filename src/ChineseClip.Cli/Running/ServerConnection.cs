using ChineseClip.Client;

namespace ChineseClip.Cli.Running;

/// <summary>A client with the connection pool it needs.</summary>
internal sealed class ServerConnection : IDisposable
{
    /// <summary>A batch of pictures on a busy machine takes its time; the server has its own, shorter deadlines.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    private readonly HttpClient _http;

    public ServerConnection(Uri address)
    {
        string text = address.AbsoluteUri;
        _http = new HttpClient { BaseAddress = new Uri(text.EndsWith('/') ? text : text + "/"), Timeout = Timeout };
        Client = new HttpChineseClipClient(
            _http, new ChineseClipClientOptions { ApiKey = Environment.GetEnvironmentVariable("CHINESECLIP_API_KEY") });
    }

    public IChineseClipClient Client { get; }

    public void Dispose() => _http.Dispose();
}
