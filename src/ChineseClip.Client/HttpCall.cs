using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;

namespace ChineseClip.Client;

/// <summary>One call, of which each attempt makes a fresh message.</summary>
internal sealed record HttpCall(HttpMethod Method, string Path)
{
    /// <summary>False when a second run of a call that did succeed would give another answer.</summary>
    public bool IsIdempotent { get; init; } = true;

    /// <summary>True when a 503 carries an ordinary answer, as that of <c>/health</c> does.</summary>
    public bool AcceptsUnavailable { get; init; }

    /// <summary>Names a write, so that the server does it once however often it arrives.</summary>
    public Guid? OperationId { get; init; }

    private Func<HttpContent>? Body { get; init; }

    public HttpCall With<T>(T body, JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(body);
        return this with { Body = () => JsonContent.Create(body, type) };
    }

    public HttpRequestMessage CreateMessage(Uri baseAddress)
    {
        var address = new Uri(baseAddress.AbsoluteUri.TrimEnd('/') + '/' + Path);
        var message = new HttpRequestMessage(Method, address) { Content = Body?.Invoke() };
        if (OperationId is { } operation)
        {
            message.Headers.Add("Idempotency-Key", operation.ToString());
        }

        return message;
    }
}
