using System.Security.Cryptography;
using System.Text;
using ChineseClip.Server.Errors;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Gateway;

/// <summary>Lets requests under <c>/v1</c> in only with a key, when keys are configured.</summary>
internal sealed class ApiKeyMiddleware(RequestDelegate next, IOptions<GatewayOptions> options)
{
    private const string BearerPrefix = "Bearer ";
    private readonly byte[][] _keyHashes = [.. options.Value.ApiKeys.Select(Hash)];

    public Task InvokeAsync(HttpContext context)
    {
        if (_keyHashes.Length == 0 || !context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase))
        {
            return next(context);
        }

        string? key = KeyOf(context.Request);
        if (key is null)
        {
            throw new RequestException(
                ErrorCode.Unauthorized, "No API key; send 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'.");
        }

        return IsKnown(Hash(key))
            ? next(context)
            : throw new RequestException(ErrorCode.Unauthorized, "The API key is not one of Gateway:ApiKeys.");
    }

    /// <summary>The key a request carries, or null.</summary>
    public static string? KeyOf(HttpRequest request)
    {
        string? authorization = request.Headers.Authorization;
        return authorization?.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase) == true
            ? authorization[BearerPrefix.Length..].Trim()
            : (string?)request.Headers["X-Api-Key"];
    }

    /// <summary>Compares with every key in constant time, so that timing tells nothing about any.</summary>
    private bool IsKnown(byte[] hash)
    {
        bool known = false;
        foreach (byte[] keyHash in _keyHashes)
        {
            known |= CryptographicOperations.FixedTimeEquals(hash, keyHash);
        }

        return known;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
