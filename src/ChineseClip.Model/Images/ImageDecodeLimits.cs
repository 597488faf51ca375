namespace ChineseClip.Model;

/// <summary>What a picture may cost, checked before it is decoded, and how it is turned.</summary>
public sealed record ImageDecodeLimits
{
    /// <summary>No limit can allow more: a decoded picture is one array of three bytes a pixel.</summary>
    public const long LargestMaxPixels = 715_000_000;

    public static ImageDecodeLimits Default { get; } = new();

    /// <summary>Width × height at most; 1 to <see cref="LargestMaxPixels"/>. A picture at the default takes 300 MB decoded.</summary>
    public long MaxPixels { get; init; } = 100_000_000;

    /// <summary>Bytes of the encoded file at most.</summary>
    public long MaxBytes { get; init; } = 64L << 20;

    /// <summary>Whether the EXIF orientation of a JPEG, PNG or WebP turns the picture; the references leave it as stored.</summary>
    public bool ApplyExifOrientation { get; init; }

    /// <summary>
    /// A size that a JPEG's decoded picture need not much exceed: it is decoded to 1/2, 1/4 or 1/8 where both sides stay at least this
    /// long. Null, the default, decodes it whole, as the references do.
    /// </summary>
    /// <remarks>
    /// Much cheaper for large photographs, and Pillow's draft mode gives the same bytes; but a picture resized from there is not the one
    /// that the references make: pixels differ by a few of 255, and the embedding by a little.
    /// </remarks>
    public ImageSize? ScaledDecodingFor { get; init; }
}
