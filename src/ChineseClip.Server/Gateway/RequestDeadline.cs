using System.Globalization;
using ChineseClip.Server.Errors;

namespace ChineseClip.Server.Gateway;

/// <summary>How long one request may take; runs out on its own even when the cluster never answers.</summary>
internal sealed class RequestDeadline : IDisposable
{
    /// <summary>The grains give up first and say more; the gateway only if they do not.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly CancellationToken _requestAborted;
    private readonly CancellationTokenSource _source;

    private RequestDeadline(TimeSpan timeout, HttpContext context)
    {
        Timeout = timeout;
        _requestAborted = context.RequestAborted;
        _source = CancellationTokenSource.CreateLinkedTokenSource(_requestAborted);
        _source.CancelAfter(timeout + Grace);
        if (Ticket.Of(context) is { } ticket)
        {
            ticket.Timeout = timeout;
        }
    }

    public TimeSpan Timeout { get; }

    public static string NoAnswerWithin(TimeSpan timeout) =>
        string.Create(CultureInfo.InvariantCulture, $"No answer within {timeout.TotalMilliseconds:0} ms.");

    public static RequestDeadline Start(TimeSpan timeout, HttpContext context) => new(timeout, context);

    public static RequestDeadline Start(int? timeoutMilliseconds, GatewayOptions options, HttpContext context)
    {
        if (timeoutMilliseconds is not { } milliseconds)
        {
            return new RequestDeadline(options.DefaultTimeout, context);
        }

        double min = GatewayOptionsValidator.MinTimeout.TotalMilliseconds;
        double max = GatewayOptionsValidator.MaxTimeout.TotalMilliseconds;
        return milliseconds >= min && milliseconds <= max
            ? new RequestDeadline(TimeSpan.FromMilliseconds(milliseconds), context)
            : throw RequestException.Invalid(
                string.Create(CultureInfo.InvariantCulture, $"timeoutMs is {milliseconds}; must be {min}..{max}."),
                new() { Field = "timeoutMs" });
    }

    /// <summary>Runs the work until it is done, the caller goes away, or the time is up.</summary>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work)
    {
        try
        {
            return await work(_source.Token);
        }
        catch (OperationCanceledException) when (_source.IsCancellationRequested && !_requestAborted.IsCancellationRequested)
        {
            throw new RequestException(ErrorCode.Timeout, NoAnswerWithin(Timeout));
        }
    }

    public void Dispose() => _source.Dispose();
}
