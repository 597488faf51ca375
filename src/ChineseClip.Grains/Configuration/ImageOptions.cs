namespace ChineseClip.Grains.Configuration;

/// <summary>Which pictures are taken.</summary>
public sealed class ImageOptions
{
    public const string Section = "Images";

    /// <summary>Width times height at most, known from the header before anything is decoded. Default: 100,000,000.</summary>
    [Between(1, 2_000_000_000)]
    public long MaxPixels { get; set; } = 100_000_000;

    /// <summary>Size of a picture file at most, in bytes. Default: 64 MiB.</summary>
    [Between(1, 1L << 30)]
    public long MaxBytes { get; set; } = 64L << 20;

    /// <summary>Whether the EXIF orientation turns the picture (the reference ignores it). Default: false.</summary>
    public bool ApplyExifOrientation { get; set; }

    /// <summary>
    /// Whether large JPEGs are decoded to a fraction of their size: several times as fast, but not the pixels that the reference makes.
    /// Default: false.
    /// </summary>
    public bool ScaledDecoding { get; set; }

    /// <summary>Pictures decoded at once; 0 means one for each processor. Default: 0; range 0..1024.</summary>
    [Between(0, 1024)]
    public int DecodeConcurrency { get; set; }

    /// <summary>Hosts a picture may be fetched from. Default: none.</summary>
    public IList<string> AllowedUrlHosts { get; } = [];

    /// <summary>Directories a picture may be read from. Default: none.</summary>
    public IList<string> AllowedPathRoots { get; } = [];
}
