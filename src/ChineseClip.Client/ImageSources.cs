using ChineseClip.Contracts;

namespace ChineseClip.Client;

/// <summary>Makes <see cref="ImageSource"/>s from what a caller has at hand.</summary>
public static class ImageSources
{
    /// <summary>Sends the bytes of an encoded picture along.</summary>
    /// <param name="file">The encoded file (JPEG, PNG, WebP, GIF, BMP).</param>
    /// <exception cref="ArgumentException">There are no bytes.</exception>
    public static ImageSource FromBytes(ReadOnlySpan<byte> file) => file.IsEmpty
        ? throw new ArgumentException("The picture has 0 bytes; must have at least 1.", nameof(file))
        : new ImageSource { Base64 = Convert.ToBase64String(file) };

    /// <summary>Reads a picture from this machine and sends its bytes along.</summary>
    /// <param name="path">File on this machine.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<ImageSource> FromFileAsync(string path, CancellationToken cancellationToken = default)
    {
        byte[] file = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        return file.Length == 0 ? throw new InvalidDataException($"'{path}' has 0 bytes.") : FromBytes(file);
    }

    /// <summary>Names a picture on the server's machine, under one of its <c>Images:AllowedPathRoots</c>.</summary>
    /// <param name="path">Path as the server sees it.</param>
    public static ImageSource FromServerPath(string path) => new() { Path = path };

    /// <summary>Names a picture the server fetches; its host must be among <c>Images:AllowedUrlHosts</c>.</summary>
    /// <param name="url">Address, http or https.</param>
    public static ImageSource FromUrl(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return new() { Url = url.AbsoluteUri };
    }
}
