using System.Threading.RateLimiting;
using ChineseClip.Server.Errors;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Gateway;

/// <summary>Bounds how much of <c>/v1</c> is worked on at once, and how much one caller may ask for.</summary>
internal static class Admission
{
    public static void AddAdmission(this IServiceCollection services)
    {
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<GatewayOptions>>((limiter, gateway) =>
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                PerCaller(gateway.Value.RateLimit), AtOnce(gateway.Value.MaxConcurrentRequests));
            limiter.OnRejected = (rejected, _) => new ValueTask(ProblemWriter.WriteAsync(
                rejected.HttpContext, Refusal(gateway.Value, rejected.Lease)));
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

    private static PartitionedRateLimiter<HttpContext> AtOnce(int requestCount) =>
        PartitionedRateLimiter.Create<HttpContext, string>(context => IsGuarded(context)
            ? RateLimitPartition.GetConcurrencyLimiter("v1", _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = requestCount,
                QueueLimit = 0,
            })
            : RateLimitPartition.GetNoLimiter("unguarded "));

    private static Failure Refusal(GatewayOptions options, RateLimitLease lease)
    {
        bool isRate = lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan retryAfter);
        string detail = isRate
            ? $"More than {options.RateLimit} requests a second (Gateway:RateLimit)."
            : $"{options.MaxConcurrentRequests} requests are being worked on (Gateway:MaxConcurrentRequests).";
        return new Failure(ErrorCode.Overloaded, detail)
        {
            RetryAfter = isRate ? retryAfter : TimeSpan.FromSeconds(1),
        };
    }

    private static bool IsGuarded(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase);

    private static string CallerOf(HttpContext context) =>
        ApiKeyMiddleware.KeyOf(context.Request) ?? context.Connection.RemoteIpAddress?.ToString() ?? "";
}
