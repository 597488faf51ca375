using System.Globalization;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Gateway;

/// <summary>Refuses a wrong value with a line that names key, value and bound.</summary>
internal sealed class GatewayOptionsValidator : IValidateOptions<GatewayOptions>
{
    public const int MinApiKeyLength = 8;
    public static readonly TimeSpan MinTimeout = TimeSpan.FromMilliseconds(10);
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(10);

    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        List<string> errors = [];
        Check(errors, nameof(options.RateLimit), options.RateLimit, 0, 1_000_000);
        Check(errors, nameof(options.MaxConcurrentRequests), options.MaxConcurrentRequests, 1, 100_000);
        Check(errors, nameof(options.MaxRequestBytes), options.MaxRequestBytes, 1024, 2_000_000_000);
        Check(errors, nameof(options.MaxConcurrentBytes), options.MaxConcurrentBytes, 1L << 20, 1L << 40);
        Check(errors, nameof(options.MaxConnections), options.MaxConnections, 1, 1_000_000);
        Check(errors, nameof(options.DefaultTimeout), options.DefaultTimeout, MinTimeout, MaxTimeout);
        Check(errors, nameof(options.WriteTimeout), options.WriteTimeout, MinTimeout, MaxTimeout);
        Check(errors, nameof(options.TargetLatency), options.TargetLatency, TimeSpan.FromMilliseconds(1), MaxTimeout);

        for (int i = 0; i < options.ApiKeys.Count; i++)
        {
            int length = options.ApiKeys[i]?.Length ?? 0;
            if (length < MinApiKeyLength)
            {
                errors.Add($"Gateway:ApiKeys:{i} has {length} characters; must have at least {MinApiKeyLength}.");
            }
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void Check(List<string> errors, string key, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
        {
            errors.Add($"Gateway:{key} is {value}; must be {min} to {max}.");
        }
    }

    private static void Check(List<string> errors, string key, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            errors.Add(string.Create(
                CultureInfo.InvariantCulture, $"Gateway:{key} is {value}; must be {min}..{max}."));
        }
    }
}
