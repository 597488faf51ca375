using System.Globalization;
using ChineseClip.Abstractions;
using ChineseClip.Contracts;
using ChineseClip.Grains.Configuration;
using ChineseClip.Server.Errors;
using ChineseClip.Server.Gateway;
using Microsoft.Extensions.Options;

namespace ChineseClip.Server.Pictures;

/// <summary>Gets the bytes of a request's pictures from wherever the caller says they are.</summary>
/// <remarks>One a request: together its pictures hold no more bytes than <c>Gateway:MaxRequestBytes</c>.</remarks>
internal sealed class PictureLoader(
    AllowedPaths paths, RemotePictures remote, IOptions<ImageOptions> options, IOptions<GatewayOptions> gateway)
{
    private long _loadedBytes;

    /// <summary>Loads a list; a failure names its place.</summary>
    public async Task<NamedImage[]> LoadAllAsync(
        IReadOnlyList<ImageSource> sources, string field, CancellationToken cancellationToken)
    {
        var images = new NamedImage[sources.Count];
        for (int i = 0; i < images.Length; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{field}[{i}]");
            try
            {
                images[i] = new NamedImage { Name = name, Data = await LoadAsync(sources[i], name, cancellationToken) };
            }
            catch (RequestException refused)
            {
                throw new RequestException(refused.Code, refused.Message, new() { Field = field, Index = i });
            }
        }

        return images;
    }

    /// <summary>Gives the encoded file, or null where there is no source.</summary>
    /// <remarks>Not a conditional expression: there null would become an empty, not an absent, memory.</remarks>
    public async Task<ReadOnlyMemory<byte>?> LoadOptionalAsync(
        ImageSource? source, string namedAs, CancellationToken cancellationToken)
    {
        if (source is null)
        {
            return null;
        }

        return await LoadAsync(source, namedAs, cancellationToken);
    }

    /// <summary>Gives the encoded file; whether it is a picture is found out by who decodes it.</summary>
    public async Task<ReadOnlyMemory<byte>> LoadAsync(
        ImageSource source, string namedAs, CancellationToken cancellationToken)
    {
        byte[] bytes = await ReadAsync(source, namedAs, cancellationToken);
        long budget = Math.Max(gateway.Value.MaxRequestBytes, options.Value.MaxBytes);
        long loaded = Interlocked.Add(ref _loadedBytes, bytes.Length);
        return loaded <= budget
            ? bytes
            : throw new RequestException(ErrorCode.TooLarge, string.Create(
                CultureInfo.InvariantCulture, $"The pictures up to {namedAs} have {loaded} bytes; at most {budget}."));
    }

    private async Task<byte[]> ReadAsync(ImageSource source, string namedAs, CancellationToken cancellationToken)
    {
        int sources = (source.Url is null ? 0 : 1) + (source.Base64 is null ? 0 : 1) + (source.Path is null ? 0 : 1);
        if (sources != 1)
        {
            throw RequestException.Invalid($"{namedAs} has {sources} of url, base64 and path; must have exactly one.");
        }

        if (source.Base64 is not null)
        {
            return Decode(source.Base64, namedAs);
        }

        if (source.Url is not null)
        {
            return await remote.FetchAsync(source.Url, cancellationToken);
        }

        await using FileStream file = PictureFile.Open(paths.Require(source.Path!), source.Path!, options.Value.MaxBytes);
        return await PictureFile.ReadAsync(file, $"The file '{source.Path}'", options.Value.MaxBytes, cancellationToken);
    }

    private byte[] Decode(string base64, string namedAs)
    {
        long mostBytes = base64.Length / 4L * 3;
        if (mostBytes - 2 > options.Value.MaxBytes)
        {
            throw PictureFile.TooLarge(namedAs, mostBytes - 2, options.Value.MaxBytes);
        }

        try
        {
            byte[] bytes = Convert.FromBase64String(WithoutDataPrefix(base64));
            return bytes.Length > 0 ? bytes : throw RequestException.Invalid($"{namedAs}.base64 is empty.");
        }
        catch (FormatException)
        {
            throw RequestException.Invalid($"{namedAs}.base64 is not base64 ({base64.Length} characters).");
        }
    }

    /// <summary>Browsers hand out <c>data:image/png;base64,…</c>; taking it as it is spares every caller the cut.</summary>
    private static string WithoutDataPrefix(string base64)
    {
        int comma = base64.StartsWith("data:", StringComparison.Ordinal) ? base64.IndexOf(',', StringComparison.Ordinal) : -1;
        return base64[(comma + 1)..];
    }
}
