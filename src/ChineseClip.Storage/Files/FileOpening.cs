namespace ChineseClip.Storage.Files;

internal enum FileOpening
{
    /// <summary>Existing, for reading.</summary>
    Read,

    /// <summary>Existing, for reading and writing.</summary>
    ReadWrite,

    /// <summary>New and empty, replacing what was there.</summary>
    Create,
}
