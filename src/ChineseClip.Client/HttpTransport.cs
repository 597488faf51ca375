using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ChineseClip.Contracts;

namespace ChineseClip.Client;

/// <summary>Sends a call, tries it once more when that may help, and turns every failure into one exception type.</summary>
internal sealed class HttpTransport(HttpClient http, ChineseClipClientOptions options)
{
    public async Task<T> SendAsync<T>(HttpCall call, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(call, cancellationToken).ConfigureAwait(false);
        try
        {
            using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            T? answer = await JsonSerializer.DeserializeAsync(body, type, cancellationToken).ConfigureAwait(false);
            return answer ?? throw InvalidResponse(call, response, "it is null", null);
        }
        catch (JsonException exception)
        {
            throw InvalidResponse(call, response, exception.Message, exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Unreachable(call, exception);
        }
    }

    /// <summary>Gives the answer once its head has arrived; the caller disposes it.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpCall call, CancellationToken cancellationToken)
    {
        TimeSpan delay;
        try
        {
            return await SendOnceAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (ChineseClipException exception) when (IsWorthRetrying(call, exception))
        {
            delay = exception.RetryAfter ?? options.RetryDelay;
        }

        await Task.Delay(delay, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        return await SendOnceAsync(call, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A broken connection leaves open whether the call was done; one that never stood does not.</summary>
    private bool IsWorthRetrying(HttpCall call, ChineseClipException exception)
    {
        if (!exception.IsTransient || exception.Code == ErrorCodes.Timeout || exception.RetryAfter > options.MaxRetryDelay)
        {
            return false;
        }

        return call.IsIdempotent
            || exception.Code != ChineseClipException.Unreachable
            || exception.InnerException is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError };
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpCall call, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = call.CreateMessage(http.BaseAddress!);
        if (options.ApiKey is not null)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
        }

        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (HttpRequestException exception)
        {
            throw Unreachable(call, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ChineseClipException(
                ErrorCodes.Timeout,
                $"{call.Method} {call.Path}: no answer within {http.Timeout.TotalSeconds:0.###} s.",
                exception);
        }

        bool isAnswer = response.IsSuccessStatusCode
            || (call.AcceptsUnavailable && response.StatusCode == HttpStatusCode.ServiceUnavailable);
        if (isAnswer)
        {
            return response;
        }

        using (response)
        {
            throw await ReadProblemAsync(call, response, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<ChineseClipException> ReadProblemAsync(
        HttpCall call, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType == "application/problem+json")
        {
            try
            {
                using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
                Problem? problem = await JsonSerializer
                    .DeserializeAsync(body, ContractsJson.Default.Problem, cancellationToken).ConfigureAwait(false);
                if (problem is not null)
                {
                    return new ChineseClipException(problem, RetryAfter(response));
                }
            }
            catch (Exception exception) when (exception is JsonException or HttpRequestException or IOException)
            {
                return InvalidResponse(call, response, exception.Message, exception);
            }
        }

        return InvalidResponse(call, response, "it is no problem document", null);
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when response.Headers.Date is { } now && date > now => date - now,
        _ => null,
    };

    private static ChineseClipException Unreachable(HttpCall call, Exception exception) =>
        new(ChineseClipException.Unreachable, $"{call.Method} {call.Path}: {exception.Message}", exception);

    private static ChineseClipException InvalidResponse(
        HttpCall call, HttpResponseMessage response, string why, Exception? exception) =>
        new(
            ChineseClipException.InvalidResponse,
            $"{call.Method} {call.Path} was answered with {(int)response.StatusCode}, not as documented: {why}.",
            exception)
        { Status = response.StatusCode };
}
