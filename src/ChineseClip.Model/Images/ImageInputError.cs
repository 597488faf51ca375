namespace ChineseClip.Model;

/// <summary>Why a picture was refused.</summary>
public enum ImageInputError
{
    /// <summary>No data at all.</summary>
    Empty,

    /// <summary>More bytes than allowed.</summary>
    TooManyBytes,

    /// <summary>More pixels than allowed; found in the header, before decoding.</summary>
    TooManyPixels,

    /// <summary>Not a JPEG, PNG, WebP, GIF or BMP file.</summary>
    Unrecognized,

    /// <summary>The data ends before the picture does.</summary>
    Truncated,

    /// <summary>The data contradicts its format.</summary>
    Corrupt,
}
