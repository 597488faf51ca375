using System.Globalization;
using ChineseClip.Server.Errors;

namespace ChineseClip.Server.Pictures;

/// <summary>Reads a file that is named by a caller, within a bound.</summary>
internal static class PictureFile
{
    /// <summary>Opens an ordinary file with at least one byte; pipes and devices, which may never end, have none.</summary>
    public static FileStream Open(string path, string namedAs, long maxBytes)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                throw new RequestException(ErrorCode.NotFound, $"The file '{namedAs}' does not exist.");
            }

            if (file.Length == 0)
            {
                throw RequestException.Invalid($"The file '{namedAs}' has 0 bytes; must be a picture.");
            }

            return file.Length <= maxBytes
                ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1, FileOptions.Asynchronous)
                : throw TooLarge($"The file '{namedAs}'", file.Length, maxBytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RequestException(ErrorCode.NotFound, $"The file '{namedAs}' cannot be read.");
        }
    }

    /// <summary>Reads to the end, or to the bound, whichever comes first.</summary>
    public static async Task<byte[]> ReadAsync(
        Stream stream, string namedAs, long maxBytes, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        byte[] buffer = new byte[81920];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (bytes.Length + read > maxBytes)
            {
                throw TooLarge(namedAs, bytes.Length + read, maxBytes);
            }

            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }

    public static RequestException TooLarge(string namedAs, long bytes, long maxBytes) => new(
        ErrorCode.TooLarge,
        string.Create(
            CultureInfo.InvariantCulture, $"{namedAs} has {bytes} bytes or more; Images:MaxBytes is {maxBytes}."));
}
