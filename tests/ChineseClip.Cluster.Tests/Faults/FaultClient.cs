using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ChineseClip.Contracts;

namespace ChineseClip.Cluster.Tests.Faults;

/// <summary>Requests to whichever server is up, each attempt told apart: answered, refused with a code, or without an answer.</summary>
internal sealed class FaultClient(Func<Random, Uri?> pick) : IDisposable
{
    public const string NoAnswer = "no_answer";
    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public void Dispose() => _http.Dispose();

    /// <summary>One attempt.</summary>
    /// <returns>The answer, or the code why there is none.</returns>
    public async Task<(T? Answer, string? Code)> SendAsync<T>(
        Random random, HttpMethod method, string path, object? body, Guid? operation, TimeSpan timeout, JsonTypeInfo<T> type)
        where T : class
    {
        Uri? server = pick(random);
        if (server is null)
        {
            return (null, NoAnswer);
        }

        using var request = new HttpRequestMessage(method, new Uri(server, path));
        if (body is not null)
        {
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, body.GetType(), ContractsJson.Default));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        if (operation is { } id)
        {
            request.Headers.Add("Idempotency-Key", id.ToString());
        }

        using var limit = new CancellationTokenSource(timeout);
        try
        {
            using var response = await _http.SendAsync(request, limit.Token);
            var bytes = await response.Content.ReadAsByteArrayAsync(limit.Token);
            return response.IsSuccessStatusCode
                ? (JsonSerializer.Deserialize(bytes, type), null)
                : (null, JsonNode.Parse(bytes)?["code"]?.GetValue<string>() ?? $"status_{(int)response.StatusCode}");
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException or JsonException)
        {
            return (null, NoAnswer);
        }
    }
}
