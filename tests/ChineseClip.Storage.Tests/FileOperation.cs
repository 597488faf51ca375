namespace ChineseClip.Storage.Tests;

/// <summary>What a <see cref="FaultyFileSystem"/> can be told to refuse.</summary>
internal enum FileOperation
{
    CreateDirectory,
    OpenForRead,
    OpenForWrite,
    Write,
    SetLength,
    Sync,
    Move,
    Delete,
    SyncDirectory,
}
