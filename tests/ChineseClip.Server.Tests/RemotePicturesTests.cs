using ChineseClip.Grains.Configuration;
using ChineseClip.Server.Errors;
using ChineseClip.Server.Pictures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ErrorCode = ChineseClip.Abstractions.ErrorCode;

namespace ChineseClip.Server.Tests;

/// <summary>Pictures by URL, from a real host on a loopback port: only the list of allowed hosts opens a way, and nothing leads on from there.</summary>
public sealed class RemotePicturesTests : IAsyncLifetime
{
    private const long MaxBytes = 1000;
    private static readonly byte[] Picture = [.. Enumerable.Range(0, 900).Select(i => (byte)i)];
    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HttpClient _http = new(RemotePictures.CreateHandler());
    private WebApplication _host = null!;
    private int _requests;

    private string Address => _host.Urls.Single();

    private string Authority => new Uri(Address).Authority;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _host = builder.Build();
        _host.Run(AnswerAsync);
        await _host.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Fetch_AllowedHost_GivesItsBytes() =>
        Assert.Equal(Picture, await Remote(Authority).FetchAsync(Address + "/picture", Token));

    [Theory]
    [InlineData("http://{0}/picture", "another.example")]
    [InlineData("http://localhost:{1}/picture", "{0}")]
    [InlineData("http://{0}/picture", "127.0.0.1")]
    [InlineData("http://{0}@evil.example/picture", "{0}")]
    [InlineData("http://127.0.0.1.evil.example/picture", "127.0.0.1")]
    [InlineData("http://169.254.169.254/latest/meta-data", "{0}")]
    public async Task Fetch_HostNotListedAsItStands_IsForbiddenWithoutARequest(string url, string allowed)
    {
        var refused = await Assert.ThrowsAsync<RequestException>(() => Remote(Fill(allowed)).FetchAsync(Fill(url), Token));

        Assert.Equal(ErrorCode.Forbidden, refused.Code);
        Assert.Contains("is not among Images:AllowedUrlHosts", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, _requests);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://{0}/picture")]
    [InlineData("/picture")]
    [InlineData("")]
    public async Task Fetch_NoHttpAddress_IsInvalid(string url)
    {
        var refused = await Assert.ThrowsAsync<RequestException>(() => Remote(Authority).FetchAsync(Fill(url), Token));

        Assert.Equal(ErrorCode.InvalidInput, refused.Code);
        Assert.Contains("is not an http or https address", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_Redirect_IsNotFollowed()
    {
        var refused = await Assert.ThrowsAsync<RequestException>(() => Remote(Authority).FetchAsync(Address + "/redirect", Token));

        Assert.Equal(ErrorCode.InvalidInput, refused.Code);
        Assert.Contains("answered with 302", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, _requests);
    }

    [Theory]
    [InlineData("/promises")]
    [InlineData("/endless")]
    public async Task Fetch_MoreThanTheBound_IsTooLarge(string path)
    {
        var refused = await Assert.ThrowsAsync<RequestException>(() => Remote(Authority).FetchAsync(Address + path, Token));

        Assert.Equal(ErrorCode.TooLarge, refused.Code);
        Assert.Contains("Images:MaxBytes is 1000", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_HostThatNeverEnds_EndsWithTheCallersDeadline()
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Token);

        Task<byte[]> fetch = Remote(Authority).FetchAsync(Address + "/waits", deadline.Token);
        await _waiting.Task.WaitAsync(Token);
        await deadline.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetch);
    }

    [Theory]
    [InlineData("/missing", "answered with 404")]
    [InlineData("/cut", "cannot be fetched")]
    public async Task Fetch_HostThatFails_IsInvalidAndSaysHow(string path, string detail)
    {
        var refused = await Assert.ThrowsAsync<RequestException>(() => Remote(Authority).FetchAsync(Address + path, Token));

        Assert.Equal(ErrorCode.InvalidInput, refused.Code);
        Assert.Contains(detail, refused.Message, StringComparison.Ordinal);
    }

    private RemotePictures Remote(string allowed)
    {
        var options = new ImageOptions { MaxBytes = MaxBytes };
        options.AllowedUrlHosts.Add(allowed);
        return new RemotePictures(_http, Options.Create(options));
    }

    private string Fill(string text) => text
        .Replace("{0}", Authority, StringComparison.Ordinal)
        .Replace("{1}", $"{new Uri(Address).Port}", StringComparison.Ordinal);

    private async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        HttpResponse answer = context.Response;
        switch (context.Request.Path.Value)
        {
            case "/picture":
                await answer.Body.WriteAsync(Picture, context.RequestAborted);
                break;
            case "/redirect":
                answer.Redirect(Address + "/picture");
                break;
            case "/promises":
                answer.ContentLength = MaxBytes + 1;
                await answer.Body.WriteAsync(new byte[MaxBytes + 1], context.RequestAborted);
                break;
            case "/endless":
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await answer.Body.WriteAsync(Picture, context.RequestAborted);
                }

                break;
            case "/waits":
                await answer.Body.WriteAsync(Picture.AsMemory(0, 10), context.RequestAborted);
                await answer.Body.FlushAsync(context.RequestAborted);
                _waiting.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
                break;
            case "/cut":
                answer.ContentLength = Picture.Length;
                await answer.Body.WriteAsync(Picture.AsMemory(0, 10), context.RequestAborted);
                await answer.Body.FlushAsync(context.RequestAborted);
                context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort();
                break;
            default:
                answer.StatusCode = 404;
                break;
        }
    }
}
