using ChineseClip.Storage.Files;

namespace ChineseClip.Storage.Tests;

/// <summary>A storage with small segments, closed at the end of its scope.</summary>
internal sealed class FileShardStorageScope(FaultyFileSystem files) : IAsyncDisposable
{
    public FileShardStorage Storage { get; } = Logs.Open(files, segmentBytes: 4096);

    public ValueTask DisposeAsync() => Storage.DisposeAsync();
}
