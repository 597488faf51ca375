namespace ChineseClip.Storage;

/// <summary>Why storage refused.</summary>
public enum StorageError
{
    /// <summary>The medium failed (full, I/O error), or the log failed before and must be opened again.</summary>
    Unavailable,

    /// <summary>What is stored is damaged; path and offset say where.</summary>
    Corrupt,

    /// <summary>A newer epoch exists: this handle may not append any more.</summary>
    Fenced,

    /// <summary>Another process holds the storage directory.</summary>
    Locked,

    /// <summary>A document has another version than expected.</summary>
    Conflict,

    /// <summary>Too many bytes wait to be written; nothing of the refused call was taken.</summary>
    Overloaded,

    /// <summary>There is no snapshot of this id.</summary>
    NotFound,

    /// <summary>What is stored was made by a newer version of the program.</summary>
    Incompatible,
}
