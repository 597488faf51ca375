using System.Net;
using System.Net.Http.Headers;
using ChineseClip.Cli.Running;

namespace ChineseClip.Cli.Pulling;

/// <summary>A repository in the hub's layout: <c>{endpoint}/{repo}/resolve/{revision}/{file}</c>.</summary>
/// <remarks>The client must not follow redirects by itself: the first answer carries the checksum, and the token stays with the hub's host.</remarks>
internal sealed class HubRepository(HttpClient http, Uri endpoint, string name, string? token)
{
    private const int MaxRedirects = 10;

    private const int Sha256Digits = 64;

    /// <returns>Null where the repository has no such file.</returns>
    /// <exception cref="CommandFailedException">The hub refuses.</exception>
    /// <exception cref="HttpRequestException">The hub cannot be reached, or fails.</exception>
    public async Task<HubFile?> FindAsync(string file, string revision, CancellationToken cancellationToken)
    {
        HttpResponseMessage first = await SendAsync(HttpMethod.Head, AddressOf(file, revision), null, cancellationToken);
        HubFile found = new(file, Number(first, "X-Linked-Size"), Sha256Of(first), Header(first, "X-Repo-Commit"));
        using HttpResponseMessage last = await FollowAsync(first, HttpMethod.Head, null, cancellationToken);
        if (last.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }

        Require(last, file);
        return found with { Size = found.Size ?? last.Content.Headers.ContentLength, Sha256 = found.Sha256 ?? Sha256Of(last) };
    }

    /// <summary>Asks for a file from a byte on; dispose the answer, whose status is 200, 206 or 416.</summary>
    public async Task<HttpResponseMessage> GetAsync(string file, string revision, long from, CancellationToken cancellationToken)
    {
        RangeHeaderValue? range = from > 0 ? new RangeHeaderValue(from, null) : null;
        HttpResponseMessage first = await SendAsync(HttpMethod.Get, AddressOf(file, revision), range, cancellationToken);
        HttpResponseMessage last = await FollowAsync(first, HttpMethod.Get, range, cancellationToken);
        if (last.StatusCode != HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            Require(last, file);
        }

        return last;
    }

    private Uri AddressOf(string file, string revision) => new(
        $"{endpoint.AbsoluteUri.TrimEnd('/')}/{name}/resolve/{Uri.EscapeDataString(revision)}/{Uri.EscapeDataString(file)}");

    /// <summary>Gives the last answer and disposes those before it.</summary>
    private async Task<HttpResponseMessage> FollowAsync(
        HttpResponseMessage answer, HttpMethod method, RangeHeaderValue? range, CancellationToken cancellationToken)
    {
        for (int hop = 0; IsRedirect(answer); hop++)
        {
            Uri from = answer.RequestMessage!.RequestUri!;
            Uri to = new(from, answer.Headers.Location!);
            bool isDowngrade = from.Scheme == Uri.UriSchemeHttps && to.Scheme != Uri.UriSchemeHttps;
            if (hop == MaxRedirects || isDowngrade || to.Scheme is not ("http" or "https"))
            {
                throw new CommandFailedException(
                    hop == MaxRedirects ? $"{from} redirects more than {MaxRedirects} times." : $"{from.Host} redirects to {to.Scheme}, which is refused.");
            }

            answer.Dispose();
            answer = await SendAsync(method, to, range, cancellationToken);
        }

        return answer;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri address, RangeHeaderValue? range, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, address);
        request.Headers.Range = range;
        request.Headers.AcceptEncoding.ParseAdd("identity");
        bool isHub = address.Scheme == endpoint.Scheme && address.Authority == endpoint.Authority;
        if (token is not null && isHub)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private void Require(HttpResponseMessage answer, string file)
    {
        if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent)
        {
            return;
        }

        int status = (int)answer.StatusCode;
        string what = $"{endpoint.Host} answers {status} for {name}/{file}";
        answer.Dispose();
        throw status switch
        {
            401 or 403 => new CommandFailedException(
                $"{what}: {(token is null ? "there is no such repository, or it needs HF_TOKEN" : "HF_TOKEN gives no access to it")}."),
            408 or 429 or >= 500 => new HttpRequestException(HttpRequestError.InvalidResponse, $"{what}.", null, (HttpStatusCode)status),
            _ => new CommandFailedException($"{what}."),
        };
    }

    private static bool IsRedirect(HttpResponseMessage answer) =>
        (int)answer.StatusCode is 301 or 302 or 303 or 307 or 308 && answer.Headers.Location is not null;

    private static string? Sha256Of(HttpResponseMessage answer)
    {
        string? tag = (Header(answer, "X-Linked-ETag") ?? Header(answer, "ETag"))?.Trim();
        tag = (tag?.StartsWith("W/", StringComparison.Ordinal) == true ? tag[2..] : tag)?.Trim('"');
        return tag?.Length == Sha256Digits && tag.All(char.IsAsciiHexDigit) ? tag.ToLowerInvariant() : null;
    }

    private static long? Number(HttpResponseMessage answer, string header) => long.TryParse(Header(answer, header), out long number) ? number : null;

    private static string? Header(HttpResponseMessage answer, string header) =>
        answer.Headers.TryGetValues(header, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
}
