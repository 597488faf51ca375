using System.Threading.RateLimiting;
using ChineseClip.Server.Errors;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Gateway;

/// <summary>Bounds how much one caller may ask for, and how long a request may take.</summary>
internal static class Admission
{
    public static void AddAdmission(this IServiceCollection services)
    {
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<GatewayOptions>>((limiter, gateway) =>
        {
            limiter.GlobalLimiter = PerCaller(gateway.Value.RateLimit);
            limiter.OnRejected = (rejected, _) =>
            {
                Ticket.Of(rejected.HttpContext)?.TellsNothing = true;
                return new ValueTask(ProblemWriter.WriteAsync(rejected.HttpContext, Refusal(gateway.Value, rejected.Lease)));
            };
        });
        services.AddRequestTimeouts();
        services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<GatewayOptions>>((timeouts, gateway) =>
            timeouts.DefaultPolicy = new RequestTimeoutPolicy
            {
                Timeout = gateway.Value.DefaultTimeout,
                WriteTimeoutResponse = context => ProblemWriter.WriteAsync(
                    context, new Failure(ErrorCode.Timeout, RequestDeadline.NoAnswerWithin(gateway.Value.DefaultTimeout))),
            });
    }

    private static PartitionedRateLimiter<HttpContext> PerCaller(int requestsPerSecond) =>
        PartitionedRateLimiter.Create<HttpContext, string>(context => requestsPerSecond == 0 || !IsGuarded(context)
            ? RateLimitPartition.GetNoLimiter("unguarded ")
            : RateLimitPartition.GetTokenBucketLimiter(CallerOf(context), _ => new TokenBucketRateLimiterOptions
            {
                TokenLimit = requestsPerSecond,
                TokensPerPeriod = requestsPerSecond,
                ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                QueueLimit = 0,
            }));

    private static Failure Refusal(GatewayOptions options, RateLimitLease lease) =>
        new(ErrorCode.Overloaded, $"More than {options.RateLimit} requests a second (Gateway:RateLimit).")
        {
            RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan retryAfter) ? retryAfter : TimeSpan.FromSeconds(1),
        };

    private static bool IsGuarded(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase);

    private static string CallerOf(HttpContext context) =>
        ApiKeyMiddleware.KeyOf(context.Request) ?? context.Connection.RemoteIpAddress?.ToString() ?? "";
}
