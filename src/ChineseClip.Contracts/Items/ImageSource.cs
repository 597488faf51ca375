namespace ChineseClip.Contracts;

/// <summary>Where the bytes of a picture come from: exactly one of the three.</summary>
public sealed record ImageSource
{
    /// <summary>
    /// Address (http or https) the server fetches it from; its host must be among <c>Images:AllowedUrlHosts</c>.
    /// </summary>
    public string? Url { get; init; }

    /// <summary>The encoded file itself (JPEG, PNG, WebP, GIF, BMP) in base64.</summary>
    public string? Base64 { get; init; }

    /// <summary>File on the server's machine, under one of <c>Images:AllowedPathRoots</c>.</summary>
    public string? Path { get; init; }
}
