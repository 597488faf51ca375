namespace ChineseClip.Cli.Indexing;

/// <summary>Pictures as base64 text.</summary>
internal static class PictureText
{
    private static readonly byte[][] Beginnings = [[0xFF, 0xD8], [0x89, (byte)'P', (byte)'N', (byte)'G'], [.. "GIF8"u8], [.. "RIFF"u8], [.. "BM"u8]];

    /// <summary>Standard base64 of the same bytes; the URL-safe alphabet and missing padding are accepted, as OFA-Sys' reader accepts them.</summary>
    /// <returns>Null where the text is no base64.</returns>
    public static string? ToStandard(string text)
    {
        string standard = text.Trim().TrimEnd('=').Replace('-', '+').Replace('_', '/');
        standard += new string('=', (4 - (standard.Length % 4)) % 4);
        return standard.Length > 0 && System.Buffers.Text.Base64.IsValid(standard) ? standard : null;
    }

    /// <summary>Tells base64 of a picture from a file name that happens to be valid base64.</summary>
    public static bool BeginsAsPicture(string base64)
    {
        byte[] start = Convert.FromBase64String(base64[..Math.Min(8, base64.Length)]);
        return Beginnings.Any(beginning => start.AsSpan().StartsWith(beginning));
    }
}
