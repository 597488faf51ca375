using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace ChineseClip.Cli.Tests;

/// <summary>A model hub on a free port: small files at once, large ones by a redirect to another host name, and failures on demand.</summary>
internal sealed class LocalHub : IAsyncDisposable
{
    public const string Repository = "owner/tiny";

    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly WebApplication _app;

    private LocalHub(WebApplication app) => _app = app;

    public Dictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>How many of the next answers with a large file are cut, each after a third of it.</summary>
    public int Cuts { get; set; }

    /// <summary>Every answer with a large file is cut before its first byte.</summary>
    public bool IsAlwaysCut { get; set; }

    public bool HasRanges { get; set; } = true;

    /// <summary>Any range is answered with 416.</summary>
    public bool RefusesRanges { get; set; }

    /// <summary>Large files come with one bit changed.</summary>
    public bool IsDamaging { get; set; }

    public string? Token { get; set; }

    /// <summary>Method, path, Range and Authorization of each request.</summary>
    public ConcurrentQueue<(string Method, string Path, string? Range, string? Authorization)> Requests { get; } = new();

    public Uri Address => new(_app.Urls.First());

    public static async Task<LocalHub> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        LocalHub hub = new(builder.Build());
        hub._app.Run(hub.AnswerAsync);
        await hub._app.StartAsync(CliRun.Token);
        return hub;
    }

    public static string Sha256(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(file));

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static bool IsLarge(string name) => name.EndsWith(".safetensors", StringComparison.Ordinal) || name.EndsWith(".bin", StringComparison.Ordinal);

    private async Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value!;
        string? range = context.Request.Headers.Range;
        string? authorization = context.Request.Headers.Authorization;
        Requests.Enqueue((context.Request.Method, path, range, authorization));
        string[] parts = path.Split('/');
        string name = parts[^1];
        bool isStore = parts[1] == "store";
        if (!isStore && Token is not null && authorization != "Bearer " + Token)
        {
            context.Response.StatusCode = 401;
        }
        else if (!Files.TryGetValue(name, out byte[]? file) || (!isStore && !path.StartsWith($"/{Repository}/resolve/", StringComparison.Ordinal)))
        {
            context.Response.StatusCode = 404;
        }
        else if (isStore)
        {
            await SendLargeAsync(context, file, range);
        }
        else
        {
            context.Response.Headers["X-Repo-Commit"] = Commit;
            if (IsLarge(name))
            {
                context.Response.Headers["X-Linked-Size"] = file.Length.ToString(CultureInfo.InvariantCulture);
                context.Response.Headers["X-Linked-Etag"] = $"\"{Sha256(file)}\"";
                context.Response.Redirect($"http://localhost:{Address.Port}/store/{name}");
                return;
            }

            context.Response.Headers.ETag = "\"da39a3ee5e6b4b0d3255bfef95601890afd80709\"";
            context.Response.ContentLength = file.Length;
            if (context.Request.Method == "GET")
            {
                await context.Response.Body.WriteAsync(file);
            }
        }
    }

    private async Task SendLargeAsync(HttpContext context, byte[] file, string? range)
    {
        if (range is not null && RefusesRanges)
        {
            context.Response.StatusCode = 416;
            return;
        }

        int from = range is not null && HasRanges ? int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture) : 0;
        byte[] rest = file[from..];
        if (from > 0)
        {
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{file.Length - 1}/{file.Length}";
        }

        context.Response.ContentLength = rest.Length;
        if (context.Request.Method != "GET")
        {
            return;
        }

        if (IsDamaging)
        {
            rest[^1] ^= 1;
        }

        if (IsAlwaysCut || Cuts > 0)
        {
            Cuts--;
            await context.Response.Body.WriteAsync(rest.AsMemory(0, IsAlwaysCut ? 0 : rest.Length / 3));
            await context.Response.Body.FlushAsync();
            context.Features.Get<IHttpRequestLifetimeFeature>()!.Abort();
            return;
        }

        await context.Response.Body.WriteAsync(rest);
    }
}
