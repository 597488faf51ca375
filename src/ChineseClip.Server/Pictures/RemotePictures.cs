using ChineseClip.Grains.Configuration;
using ChineseClip.Server.Errors;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Pictures;

/// <summary>Fetches pictures from the hosts of <c>Images:AllowedUrlHosts</c>, and from nowhere else.</summary>
internal sealed class RemotePictures(HttpClient http, IOptions<ImageOptions> options)
{
    public const string ClientName = "pictures";

    /// <summary>Redirects are not followed: they could lead to another host.</summary>
    public static HttpMessageHandler CreateHandler() => new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    };

    public async Task<byte[]> FetchAsync(string url, CancellationToken cancellationToken)
    {
        Uri address = Require(url);
        long maxBytes = options.Value.MaxBytes;
        try
        {
            using HttpResponseMessage response =
                await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw RequestException.Invalid($"'{url}' was answered with {(int)response.StatusCode}; must be 200.");
            }

            if (response.Content.Headers.ContentLength > maxBytes)
            {
                throw PictureFile.TooLarge($"'{url}'", response.Content.Headers.ContentLength.Value, maxBytes);
            }

            await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
            return await PictureFile.ReadAsync(body, $"'{url}'", maxBytes, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw RequestException.Invalid($"'{url}' cannot be fetched: {exception.Message}");
        }
    }

    private Uri Require(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw RequestException.Invalid($"The url '{url}' is not an http or https address.");
        }

        IEnumerable<string> hosts = options.Value.AllowedUrlHosts;
        return hosts.Any(host => IsSameHost(host, address))
            ? address
            : throw new RequestException(
                ErrorCode.Forbidden, $"The host '{address.Authority}' is not among Images:AllowedUrlHosts.");
    }

    /// <summary>An allowed host with a port allows that port only; one without allows the scheme's own port.</summary>
    private static bool IsSameHost(string allowed, Uri address) =>
        string.Equals(allowed, address.Authority, StringComparison.OrdinalIgnoreCase)
        || (address.IsDefaultPort && string.Equals(allowed, address.Host, StringComparison.OrdinalIgnoreCase));
}
