using Microsoft.AspNetCore.Http.Features;

namespace ChineseClip.Server.Endpoints;

/// <summary>Segments of the path as the caller wrote them.</summary>
internal static class RawPath
{
    /// <summary>
    /// Gives a segment decoded once. The framework's own value keeps <c>%2F</c>, so that the ids <c>a/b</c> and
    /// <c>a%2Fb</c> would be one.
    /// </summary>
    public static string Segment(HttpContext context, int index, string fallback)
    {
        string target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        int query = target.IndexOf('?', StringComparison.Ordinal);
        string[] segments = (query < 0 ? target : target[..query]).Split('/');
        return target.StartsWith('/') && segments.Length > index ? Uri.UnescapeDataString(segments[index]) : fallback;
    }
}
