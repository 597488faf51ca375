using System.Globalization;
using ChineseClip.Server.Errors;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Gateway;

/// <summary>Bounds how many bytes of bodies under <c>/v1</c> are in memory at once. What is too much is refused before it is read.</summary>
internal sealed class BodyBudgetMiddleware(RequestDelegate next, IOptions<GatewayOptions> options)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private readonly BodyBudget _bytes = new(options.Value.MaxConcurrentBytes);

    public static string TooManyBytes(BodyBudget budget) => string.Create(
        CultureInfo.InvariantCulture,
        $"The bodies of the requests that are worked on would exceed {budget.CapacityBytes} bytes (Gateway:MaxConcurrentBytes).");

    public Task InvokeAsync(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase) ? AdmitAsync(context) : next(context);

    private async Task AdmitAsync(HttpContext context)
    {
        long announced = context.Request.ContentLength ?? 0;
        if (!_bytes.TryTake(announced))
        {
            Ticket.Of(context)?.TellsNothing = true;
            await ProblemWriter.WriteAsync(
                context, new Failure(ErrorCode.Overloaded, TooManyBytes(_bytes)) { RetryAfter = RetryAfter });
            return;
        }

        CountedBody? counted = null;
        if (context.Request.ContentLength is null && !HttpMethods.IsGet(context.Request.Method))
        {
            context.Request.Body = counted = new CountedBody(context.Request.Body, _bytes);
        }

        try
        {
            await next(context);
        }
        finally
        {
            _bytes.Return(announced + (counted?.TakenBytes ?? 0));
        }
    }
}
