namespace ChineseClip.Vectors.Persistence;

/// <summary>What is checked before an opened index is searched. The manifest is always checked in full.</summary>
public enum IndexVerification
{
    /// <summary>Every byte against its checksum. Reads all files once.</summary>
    Checksums,

    /// <summary>Only that every file is there in its length: for files whose content the caller has verified. Takes milliseconds.</summary>
    Lengths,
}

/// <summary>How an index is opened from a snapshot.</summary>
public sealed record HnswOpenOptions
{
    public IndexVerification Verification { get; init; } = IndexVerification.Checksums;
}
