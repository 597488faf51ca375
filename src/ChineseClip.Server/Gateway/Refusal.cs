using System.Text.Json;
using ChineseClip.Contracts;
using ChineseClip.Server.Errors;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace ChineseClip.Server.Gateway;

/// <summary>An answer <c>overloaded</c> that is ready to be sent.</summary>
/// <remarks>It names no request and no trace, as the same bytes go to everybody.</remarks>
internal sealed class Refusal
{
    private static readonly StringValues RetryAfter = "1";
    private static readonly StringValues CacheControl = "no-store";
    private static readonly StringValues ContentType = ProblemWriter.ContentType;
    private readonly ReadOnlyMemory<byte> _body;
    private readonly int _status;

    public Refusal(string reason, string detail)
    {
        (string name, _status, string title) = ProblemMapping.Describe(ErrorCode.Overloaded);
        Problem problem = new()
        {
            Type = "urn:chineseclip:problem:" + name,
            Title = title,
            Status = _status,
            Detail = detail,
            Code = name,
        };
        _body = JsonSerializer.SerializeToUtf8Bytes(problem, ServerJson.Context.Problem);
        Tag = new KeyValuePair<string, object?>("reason", reason);
    }

    /// <summary>By which the metric tells one reason from another.</summary>
    public KeyValuePair<string, object?> Tag { get; }

    /// <summary>Sends it when <paramref name="pause"/> has ended.</summary>
    public async Task SendAsync(IFeatureCollection features, Task pause)
    {
        await pause;
        IHttpResponseFeature response = features.GetRequiredFeature<IHttpResponseFeature>();
        response.StatusCode = _status;
        IHeaderDictionary headers = response.Headers;
        headers.ContentLength = _body.Length;
        headers.ContentType = ContentType;
        headers.CacheControl = CacheControl;
        headers.RetryAfter = RetryAfter;
        await features.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(_body);
    }
}
