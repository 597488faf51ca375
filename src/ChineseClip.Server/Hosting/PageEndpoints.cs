using System.Globalization;
using System.IO.Hashing;
using System.Reflection;
using ChineseClip.Server.Errors;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace ChineseClip.Server.Hosting;

/// <summary>The web page at <c>/</c>: a few files carried inside the assembly, so that it works wherever that is.</summary>
internal static class PageEndpoints
{
    private const string ResourcePrefix = "Page/";
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        + "img-src 'self' blob: data: http: https:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly Dictionary<string, PageFile> Files = ReadFiles();

    public static void MapPage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", (HttpContext context) => Answer(context, "index.html")).ExcludeFromDescription();
        routes.MapGet("/page/{file}", (HttpContext context, string file) => Answer(context, file))
            .ExcludeFromDescription();
        routes.MapGet("/favicon.ico", (HttpContext context) => Answer(context, "icon.svg")).ExcludeFromDescription();
    }

    private static FileContentHttpResult Answer(HttpContext context, string name)
    {
        PageFile file = Files.GetValueOrDefault(name)
            ?? throw new RequestException(ErrorCode.NotFound, $"There is no {context.Request.Path}.");
        IHeaderDictionary headers = context.Response.Headers;
        headers.CacheControl = "no-cache";
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers["Referrer-Policy"] = "no-referrer";
        return TypedResults.Bytes(file.Content, file.MediaType, entityTag: new EntityTagHeaderValue(file.Tag));
    }

    private static Dictionary<string, PageFile> ReadFiles()
    {
        var files = new Dictionary<string, PageFile>(StringComparer.Ordinal);
        Assembly assembly = typeof(PageEndpoints).Assembly;
        foreach (string resource in assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal)))
        {
            using Stream stream = assembly.GetManifestResourceStream(resource)!;
            byte[] content = new byte[stream.Length];
            stream.ReadExactly(content);
            string tag = XxHash3.HashToUInt64(content).ToString("x16", CultureInfo.InvariantCulture);
            files[resource[ResourcePrefix.Length..]] = new(content, MediaType(resource), $"\"{tag}\"");
        }

        return files;
    }

    private static string MediaType(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        var other => throw new InvalidOperationException($"The page has a file of unknown kind '{other}'."),
    };

    private sealed record PageFile(byte[] Content, string MediaType, string Tag);
}
