using System.Globalization;
using ChineseClip.Abstractions;
using ChineseClip.Server.Errors;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Gateway;

/// <summary>
/// Bounds how much of <c>/v1</c> is worked on at once: requests, searches as far as they are answered in time, and bytes of bodies.
/// What is too much is refused before its body is read.
/// </summary>
internal sealed class AdmissionMiddleware
{
    // Searches may be slow for another reason than too many of them, such as a shard that moves: so many at once do no harm.
    private const int FloorPerProcessor = 8;
    private const int LeastFloor = 64;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly RequestDelegate _next;
    private readonly GatewayOptions _options;
    private readonly TimeProvider _time;
    private readonly AdaptiveLimit _searches;
    private readonly BodyBudget _bytes;
    private int _inFlight;

    public AdmissionMiddleware(RequestDelegate next, IOptions<GatewayOptions> options, TimeProvider time)
    {
        _next = next;
        _options = options.Value;
        _time = time;
        int floor = Math.Max(LeastFloor, FloorPerProcessor * Environment.ProcessorCount);
        _searches = new AdaptiveLimit(floor, _options.MaxConcurrentRequests, time);
        _bytes = new BodyBudget(_options.MaxConcurrentBytes);
    }

    public static string TooManyBytes(BodyBudget budget) => string.Create(
        CultureInfo.InvariantCulture,
        $"The bodies of the requests that are worked on would exceed {budget.CapacityBytes} bytes (Gateway:MaxConcurrentBytes).");

    public Task InvokeAsync(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) ? AdmitAsync(context) : _next(context);

    private async Task AdmitAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref _inFlight) > _options.MaxConcurrentRequests)
        {
            Interlocked.Decrement(ref _inFlight);
            await RefuseAsync(
                context, $"{_options.MaxConcurrentRequests} requests are being worked on (Gateway:MaxConcurrentRequests).");
            return;
        }

        try
        {
            await (EndpointAdmission.IsLetInAdaptively(context)
                ? AdmitSearchAsync(context)
                : AdmitBodyAsync(context));
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private async Task AdmitSearchAsync(HttpContext context)
    {
        if (!_searches.TryEnter())
        {
            await RefuseAsync(
                context, $"{_searches.Current} searches are being worked on, as many as are answered within Gateway:TargetLatency.");
            return;
        }

        SearchTicket ticket = new(_time.GetTimestamp());
        context.Features.Set(ticket);
        bool? isLate = null;
        try
        {
            await AdmitBodyAsync(context);
            isLate = IsLate(ticket);
        }
        catch (Exception exception) when (Code(exception) is ErrorCode.Timeout or ErrorCode.Overloaded)
        {
            isLate = true;
            throw;
        }
        finally
        {
            _searches.Leave(ticket.EnteredAt, isLate);
        }
    }

    /// <summary>Late is beyond the target, or beyond half of what the caller gives; unknown when nothing was searched.</summary>
    private bool? IsLate(SearchTicket ticket) => ticket.Timeout is not { } timeout
        ? null
        : _time.GetElapsedTime(ticket.EnteredAt) > (timeout / 2 < _options.TargetLatency ? timeout / 2 : _options.TargetLatency);

    private static ErrorCode? Code(Exception exception) => exception switch
    {
        ClusterException failed => failed.Code,
        RequestException refused => refused.Code,
        _ => null,
    };

    private async Task AdmitBodyAsync(HttpContext context)
    {
        long announced = context.Request.ContentLength ?? 0;
        if (!_bytes.TryTake(announced))
        {
            await RefuseAsync(context, TooManyBytes(_bytes));
            return;
        }

        CountedBody? counted = null;
        if (context.Request.ContentLength is null && !HttpMethods.IsGet(context.Request.Method))
        {
            context.Request.Body = counted = new CountedBody(context.Request.Body, _bytes);
        }

        try
        {
            await _next(context);
        }
        finally
        {
            _bytes.Return(announced + (counted?.TakenBytes ?? 0));
        }
    }

    private static Task RefuseAsync(HttpContext context, string detail) =>
        ProblemWriter.WriteAsync(context, new Failure(ErrorCode.Overloaded, detail) { RetryAfter = RetryAfter });
}
